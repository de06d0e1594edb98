from housing_ach.api.views import ach

ENDPOINTS = (
    ("ach/transactions", ach.TransactionsView, "transactions"),
    ("ach/status/<int:pk>", ach.StatusView, "status"),
)
