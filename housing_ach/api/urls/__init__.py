"""Where programs call. Each module of this package names the endpoints of one subject."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from housing_ach.api.urls import accounts, charges, hooks, money, parties, reconciliation, watching
from housing_ach.api.views import contract, guide, oauth

app_name = "api"
SUBJECTS = (accounts, charges, hooks, money, parties, reconciliation, watching)
urlpatterns = [
    path("oauth/token", oauth.token, name="token"),
    path("oauth/jwks", oauth.keys, name="keys"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="metadata"),
    *(
        path(f"api/v1/{place}", login_not_required(view.as_view()), name=name)
        for subject in SUBJECTS
        for place, view, name in subject.ENDPOINTS
    ),
    path("api/v1/openapi.json", contract.openapi, name="openapi"),
    path("api/docs/", guide.docs, name="docs"),
    path("problems/", guide.problem_types, name="problem-types"),
    path("problems/<slug:code>", guide.problem_type, name="problem-type"),
    re_path(r"^api/", contract.not_found),
]
