import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from housing_ach.api import guide


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation, from the same document programs read."""
    subjects = [
        (tag, [(told, _text(told.example), _text(told.answer)) for told in operations])
        for tag, operations in guide.by_subject()
    ]
    return render(request, "api/docs.html", {"subjects": subjects})


@login_not_required
@require_safe
def problem_types(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"pages": guide.problem_pages()})


@login_not_required
@require_safe
def problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """Where `type` of a problem leads."""
    if (page := guide.problem_page(code)) is None:
        raise Http404
    return render(request, "api/problem.html", {"page": page})


def _text(example: Any) -> str:
    return json.dumps(example, indent=2) if example else ""
