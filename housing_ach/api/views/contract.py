from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from housing_ach.api.described.document import document
from housing_ach.api.problems import NOT_FOUND, ProblemRenderer, body_of


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document(), headers={"Cache-Control": "public, max-age=300"})


@login_not_required
@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Where no endpoint is: programs are told as programs."""
    return JsonResponse(
        body_of(NOT_FOUND, request),
        status=NOT_FOUND.status,
        content_type=ProblemRenderer.media_type,
    )
