"""Under the API's own addresses; the root includes them in the sandbox alone."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from housing_ach.sandbox import views

app_name = "sandbox"
ENDPOINTS = (
    ("clock", views.ClockView, "clock"),
    ("clock/advance", views.AdvanceView, "advance"),
    ("clock/run", views.RunView, "run"),
    ("accounts", views.AccountsView, "accounts"),
    ("payments/<int:pk>/settle", views.SettleView, "settle"),
    ("payments/<int:pk>/return", views.AnswerView, "return"),
    ("payments/<int:pk>/correct", views.CorrectView, "correct"),
)
urlpatterns = [
    path(f"api/v1/test/{place}", login_not_required(view.as_view()), name=name)
    for place, view, name in ENDPOINTS
]
