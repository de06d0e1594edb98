"""The queue of exceptions: what stopped, why, and what a person does about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.cases import services
from housing_ach.cases.models import Case
from housing_ach.cases.words import kind_words
from housing_ach.clock.services import now
from housing_ach.desk.access import desk_page, person, reaches
from housing_ach.desk.case_actions import RESOLVE, Said, act, actions_of
from housing_ach.desk.case_subjects import Place, page_of, payment_of, places
from housing_ach.desk.forms.cases import ActForm, AssignForm, CaseFilter
from housing_ach.desk.history import history
from housing_ach.desk.refusals import OVERTAKEN, said
from housing_ach.desk.tables_cases import CaseTable
from housing_ach.desk.visible import cases_visible_to
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role
from housing_ach.users.models import User

REFUSED, OVERTAKEN_STATUS = 422, 409
MOST_PICKED = 200
SHOWN_FACTS = {
    "code": later("Return code"),
    "trace": later("Trace number"),
    "return_trace": later("Trace of the return"),
    "information": later("Bank's remark"),
    "died_on": later("Died on"),
    "line": later("Line"),
    "attempt": later("Attempt"),
}


@require_safe
@desk_page()
def cases(request: HttpRequest) -> HttpResponseBase:
    """`?item=` opens one beside the list."""
    if request.GET.get("format") == "csv":
        table = CaseTable(_filtered(request).of(_mine(request), at=now()), may_act=False)
        return as_csv(request, table, "exceptions")
    item = request.GET.get("item", "")
    opened = _mine(request).filter(pk=item).first() if item.isdecimal() else None
    return _page(request, opened, status=200)


@require_safe
@desk_page()
def case(request: HttpRequest, pk: int) -> HttpResponse:
    opened = _of(request, pk)
    if not request.headers.get("HX-Request"):
        return redirect(_list(request, pk))
    return render(request, "desk/case.html", _panel(request, opened))


@require_POST
@desk_page(Role.FINANCE)
def case_act(request: HttpRequest, pk: int) -> HttpResponse:
    opened, form = _to_act_on(request, pk), ActForm(request.POST)
    if not form.is_valid():
        return _refused(request, opened, REFUSED, form=form)
    typed = form.cleaned_data
    told = Said(by=person(request), at=now(), words=typed["words"], day=typed["day"])
    try:
        done = act(pk, request.POST.get("do", ""), told)
    except Refusal as problem:
        opened = _of(request, pk)
        form.add_error("day" if problem.field == "day" else None, said(problem, opened))
        status = OVERTAKEN_STATUS if isinstance(problem, OVERTAKEN) else REFUSED
        return _refused(request, opened, status, form=form)
    messages.success(request, str(done.done))
    return _back(request, pk)


@require_POST
@desk_page(Role.FINANCE)
def case_assign(request: HttpRequest, pk: int) -> HttpResponse:
    opened, form = _to_act_on(request, pk), AssignForm(request.POST, user=person(request))
    if form.is_valid():
        chosen = form.cleaned_data["owner"]
        owner = User.objects.get(pk=chosen) if chosen else None
        try:
            services.assign(opened, owner)
        except Refusal as problem:
            opened = _of(request, pk)
            form.add_error(None, said(problem, opened))
            return _refused(request, opened, OVERTAKEN_STATUS, assign=form)
        messages.success(request, _("The owner is changed."))
        return _back(request, pk)
    return _refused(request, opened, REFUSED, assign=form)


@require_POST
@desk_page(Role.FINANCE)
def cases_bulk(request: HttpRequest) -> HttpResponse:
    """Assign or resolve what was picked: each looked at by itself, whatever the page said of it."""
    picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal()][:MOST_PICKED]
    rows = _mine(request).filter(pk__in=picked).order_by("pk")
    do, words = request.POST.get("do", ""), request.POST.get("words", "").strip()
    back = redirect(f"{reverse('desk:cases')}?{request.POST.get('back', '')}")
    if do == "assign":
        owner = person(request)
        count = _each(request, rows, lambda row: services.assign(row, owner))
        many = ngettext("%(n)d exception is yours now.", "%(n)d exceptions are yours now.", count)
        messages.success(request, many % {"n": count})
        return back
    if do != "resolve" or not words:
        messages.error(request, _("Say in the note how they ended. Nothing was changed."))
        return back
    told = Said(by=person(request), at=now(), words=words)
    count = _each(request, rows, lambda row: act(row.pk, RESOLVE.name, told))
    many = ngettext("%(n)d exception is resolved.", "%(n)d exceptions are resolved.", count)
    messages.success(request, many % {"n": count})
    return back


def _each(request: HttpRequest, rows: QuerySet[Case], do: Callable[[Case], object]) -> int:
    done, where = 0, places(rows)
    for row in rows:
        name = f"#{row.pk} {kind_words(row.kind)}"
        if not reaches(person(request), Role.FINANCE, where.get(row.pk, Place()).property_id):
            messages.error(request, f"{name}: " + _("you do not work for this property."))
            continue
        try:
            do(row)
        except Refusal as problem:
            messages.warning(request, f"{name}: {said(problem, _of(request, row.pk))}")
        else:
            done += 1
    return done


def _mine(request: HttpRequest) -> QuerySet[Case]:
    return cases_visible_to(person(request)).select_related("owner", "resolved_by")


def _of(request: HttpRequest, pk: int) -> Case:
    return get_object_or_404(_mine(request), pk=pk)


def _to_act_on(request: HttpRequest, pk: int) -> Case:
    found = _of(request, pk)
    if not _may_act(request, places([found]).get(pk, Place())):
        raise PermissionDenied
    return found


def _may_act(request: HttpRequest, where: Place) -> bool:
    return reaches(person(request), Role.FINANCE, where.property_id)


def _filtered(request: HttpRequest) -> CaseFilter:
    return CaseFilter(request.GET, user=person(request))


def _page(request: HttpRequest, opened: Case | None, *, status: int, **panel: Any) -> HttpResponse:
    filters = _filtered(request)
    may_act = Role.FINANCE in request.roles  # type: ignore[attr-defined]
    item = str(opened.pk) if opened else ""
    rows = filters.of(_mine(request), at=now())
    table = paged(request, CaseTable(rows, item=item, may_act=may_act))
    table.look_up()
    told = {"table": table, "filters": filters, "may_pick": may_act, "back": _query(request)}
    if opened:
        told |= _panel(request, opened, **panel)
    return render(request, "desk/cases.html", told, status=status)


def _panel(
    request: HttpRequest,
    opened: Case,
    *,
    form: ActForm | None = None,
    assign: AssignForm | None = None,
) -> dict[str, Any]:
    payment = payment_of(opened)
    where = places([opened]).get(opened.pk, Place())
    day = payment and soonest_effective_date(payment.fund.company.profile, now())
    may_act = _may_act(request, where)
    owner = {"owner": opened.owner_id or ""}
    return {
        "case": opened,
        "kind": kind_words(opened.kind),
        "payment": payment,
        "place": where,
        "about": page_of(opened),
        "facts": [(SHOWN_FACTS[key], value) for key, value in _facts(opened)],
        "actions": actions_of(opened) if may_act else [],
        "form": form or ActForm(initial={"day": day}),
        "assign": assign or AssignForm(user=person(request), initial=owner),
        "history": history([("cases.case", opened.pk), (opened.subject, opened.subject_id)]),
        "query": _query(request),
    }


def _facts(opened: Case) -> list[tuple[str, object]]:
    return [(key, opened.facts[key]) for key in SHOWN_FACTS if opened.facts.get(key)]


def _refused(request: HttpRequest, opened: Case, status: int, **panel: Any) -> HttpResponse:
    if request.headers.get("HX-Request"):
        told = _panel(request, opened, **panel)
        return render(request, "desk/case.html", told, status=REFUSED)
    return _page(request, opened, status=status, **panel)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    url = _list(request, pk)
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)


def _list(request: HttpRequest, pk: int) -> str:
    query = request.GET.copy()
    query["item"] = str(pk)
    return f"{reverse('desk:cases')}?{query.urlencode()}"


def _query(request: HttpRequest) -> str:
    """The filters, without what is open: for where a form leads back to."""
    query = request.GET.copy()
    query.pop("item", None)
    return query.urlencode()
