from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from housing_ach.api import oauth
from housing_ach.api.door import address_of
from housing_ach.api.keys import ALGORITHM, CACHE_SECONDS, public_keys
from housing_ach.api.rates import Rate, count
from housing_ach.users.states import Scope


@lru_cache(maxsize=1)
def _server() -> oauth.Server:
    return oauth.make_server()


@login_not_required
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A query string ends in logs: nothing of a proof is taken from it."""
    if request.GET:
        error = {"error": "invalid_request", "error_description": "Nothing in the query string."}
        return JsonResponse(error, status=400, headers={"Cache-Control": "no-store"})
    rate = count("token", address_of(request), most=settings.API_TOKENS_PER_MINUTE)
    if rate is None or rate.is_over:
        return _later(rate)
    answer: HttpResponse = _server().create_token_response(request)
    answer["Cache-Control"] = "no-store"
    return answer


def _later(rate: Rate | None) -> HttpResponse:
    """Who cannot be counted is given no token either."""
    if rate is None:
        error, status, headers = "temporarily_unavailable", 503, {"Retry-After": "5"}
    else:
        error, status = "slow_down", 429
        headers = {"Retry-After": str(rate.seconds), **rate.headers}
    return JsonResponse(
        {"error": error}, status=status, headers={"Cache-Control": "no-store", **headers}
    )


@login_not_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    headers = {"Cache-Control": f"public, max-age={CACHE_SECONDS}"}
    return JsonResponse(public_keys().as_dict(private=False), headers=headers)


@login_not_required
@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Where everything is (RFC 8414)."""
    facts: dict[str, Any] = {
        "issuer": settings.API_ISSUER,
        "token_endpoint": settings.API_ISSUER + reverse("api:token"),
        "jwks_uri": settings.API_ISSUER + reverse("api:keys"),
        "grant_types_supported": [oauth.ClientCredentials.GRANT_TYPE],
        "response_types_supported": [],
        "scopes_supported": Scope.values,
        "token_endpoint_auth_methods_supported": oauth.PROOFS,
        "token_endpoint_auth_signing_alg_values_supported": oauth.ASSERTION_ALGORITHMS,
        "access_token_signing_alg_values_supported": [ALGORITHM],
        "tls_client_certificate_bound_access_tokens": True,
    }
    return JsonResponse(facts)
