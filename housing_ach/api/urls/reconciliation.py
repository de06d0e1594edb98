from housing_ach.api.views import reconciliation

ENDPOINTS = (
    ("ach/reconcile", reconciliation.ReconcileView, "reconcile"),
    ("ach/reconcile/<int:pk>", reconciliation.ReconciliationView, "reconciliation"),
)
