from housing_ach.api.views import accounts, mandates

OF_TENANT = "tenants/<str:external_id>/bank-accounts"
ONE = f"{OF_TENANT}/<uuid:token>"
ENDPOINTS = (
    (OF_TENANT, accounts.BankAccountsView, "bank-accounts"),
    (ONE, accounts.BankAccountView, "bank-account"),
    (f"{ONE}/verify", accounts.VerifyView, "verify"),
    (f"{ONE}/confirm", accounts.ConfirmView, "confirm"),
    ("mandate-texts", mandates.MandateTextsView, "mandate-texts"),
    ("mandates", mandates.MandatesView, "mandates"),
    ("mandates/<int:pk>", mandates.MandateView, "mandate"),
    ("mandates/<int:pk>/revoke", mandates.RevokeView, "revoke"),
)
