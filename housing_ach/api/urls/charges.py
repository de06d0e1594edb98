from housing_ach.api.views import charges

ENDPOINTS = (
    ("charges", charges.ChargesView, "charges"),
    ("charges/<int:pk>", charges.ChargeView, "charge"),
    ("leases/<str:external_id>/charges", charges.LeaseChargesView, "lease-charges"),
    ("leases/<str:external_id>/balance", charges.BalanceView, "balance"),
)
