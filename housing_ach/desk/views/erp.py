"""How the books stand in the customer's ERP: what got there, what did not, and the totals of a day."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from sqlalchemy.exc import SQLAlchemyError

from housing_ach.audit.move import IllegalMove, StaleState
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseStatus
from housing_ach.clock.services import now, today, wall_time
from housing_ach.desk.access import desk_page
from housing_ach.desk.certificate_ends import ending_lines
from housing_ach.desk.forms.erp import CompareForm, PostingFilter
from housing_ach.desk.history import history
from housing_ach.desk.tables_erp import PostingTable, TargetTable, posting_badge, target_badge
from housing_ach.erp import services
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.states import MOVES, PostingStatus
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role

REFUSED = 422
POSTING = Posting._meta.label_lower
LOOK = desk_page(Role.FINANCE, Role.AUDITOR, Role.ADMIN, whole=True)
POST = desk_page(Role.FINANCE, whole=True)
STOPPED = (PostingStatus.CONFLICT, PostingStatus.FAILED)


@require_safe
@LOOK
def targets(request: HttpRequest) -> HttpResponseBase:
    table = TargetTable(_targets())
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "erp-targets")
    return render(request, "desk/erp.html", {"table": paged(request, table)})


@require_safe
@LOOK
def target(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`?compare=` asks the ERP itself for its totals of a day."""
    found = get_object_or_404(_targets(), pk=pk)
    filters = PostingFilter(request.GET)
    table = PostingTable(filters.of(Posting.objects.filter(target=found)))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, f"postings-{found.name}")
    yesterday = today() - timedelta(days=1)
    asks = "compare" in request.GET
    form = CompareForm(request.GET if asks else None, initial={"compare": yesterday})
    told = {
        "target": found,
        "badge": target_badge(found, stopped=_number(found, "stopped")),
        "line": ending_lines(found, at=wall_time()),
        "codes": found.accounts.count(),
        "table": paged(request, table),
        "filters": filters,
        "compare": form,
        **(_compared(found, form) if asks else {}),
    }
    return render(request, "desk/erp_target.html", told, status=REFUSED if form.errors else 200)


@require_safe
@LOOK
def posting(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _of(pk))


@require_POST
@POST
def posting_again(request: HttpRequest, pk: int) -> HttpResponse:
    """What was put right on either side is tried anew by the worker."""
    found = _of(pk)
    try:
        services.post_again(found, at=now())
    except (IllegalMove, StaleState):
        problem = _("Somebody was faster. This is how it stands now.")
        return _page(request, _of(pk), problem=problem)
    messages.success(request, _("It is posted again in the next minutes."))
    return redirect("desk:erp-posting", pk)


def _targets() -> QuerySet[Target]:
    own = Posting.objects.filter(target=OuterRef("pk")).order_by().values("target")
    counted = own.values(count=Count("*"))
    return Target.objects.annotate(
        posted_until=Subquery(own.filter(status=PostingStatus.POSTED).values(day=Max("day"))),
        waiting=Subquery(counted.filter(status=PostingStatus.PENDING)),
        stopped=Subquery(counted.filter(status__in=STOPPED)),
    )


def _number(found: Target, name: str) -> int:
    return getattr(found, name) or 0


def _of(pk: int) -> Posting:
    return get_object_or_404(Posting.objects.select_related("target", "fund"), pk=pk)


def _compared(found: Target, form: CompareForm) -> dict[str, Any]:
    if not form.is_valid():
        return {}
    day = form.cleaned_data["compare"]
    try:
        return {"day": day, "totals": services.day_totals(found, day)}
    except SQLAlchemyError:
        return {"day": day, "unreachable": True}


def _page(request: HttpRequest, found: Posting, *, problem: str = "") -> HttpResponse:
    cases = Case.objects.filter(subject=POSTING, subject_id=str(found.pk), status=CaseStatus.OPEN)
    can = PostingStatus.PENDING in MOVES[found.status]
    told = {
        "posting": found,
        "badge": posting_badge(found),
        "cases": cases.order_by("pk"),
        "can_post": can,
        "may_post": can and Role.FINANCE in request.roles_of_all,  # type: ignore[attr-defined]
        "history": history([(POSTING, found.pk)]),
        "problem": problem,
    }
    return render(request, "desk/erp_posting.html", told, status=REFUSED if problem else 200)
