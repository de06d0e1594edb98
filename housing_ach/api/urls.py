from django.contrib.auth.decorators import login_not_required
from django.urls import path

from housing_ach.api.views import ach, oauth

app_name = "api"
urlpatterns = [
    path("oauth/token", oauth.token, name="token"),
    path("oauth/jwks", oauth.keys, name="keys"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="metadata"),
    path(
        "api/v1/ach/transactions",
        login_not_required(ach.TransactionsView.as_view()),
        name="transactions",
    ),
    path("api/v1/ach/status/<int:pk>", login_not_required(ach.StatusView.as_view()), name="status"),
]
