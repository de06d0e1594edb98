from housing_ach.api.views import hooks

ONE = "webhook-endpoints/<int:pk>"
ENDPOINTS = (
    ("webhook-endpoints", hooks.EndpointsView, "webhook-endpoints"),
    (ONE, hooks.EndpointView, "webhook-endpoint"),
    (f"{ONE}/rotate-secret", hooks.RotateView, "rotate-secret"),
    (f"{ONE}/ping", hooks.PingView, "ping"),
    (f"{ONE}/deliveries", hooks.AttemptsView, "deliveries"),
    (f"{ONE}/replay", hooks.ReplayRangeView, "replay-range"),
    ("events/evt_<int:pk>/replay", hooks.ReplayEventView, "replay-event"),
)
