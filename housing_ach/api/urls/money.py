from housing_ach.api.views import ach

ENDPOINTS = (
    ("ach/transactions", ach.TransactionsView, "transactions"),
    ("ach/transactions/<int:pk>", ach.TransactionView, "transaction"),
    ("ach/transactions/<int:pk>/cancel", ach.CancelView, "cancel"),
    ("ach/status/<int:pk>", ach.StatusView, "status"),
)
