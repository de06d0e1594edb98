"""The payments of the properties a member of staff works for, and what is decided about one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import now
from housing_ach.desk.access import desk_page, person, reaches
from housing_ach.desk.forms.payments import DecideForm, PaymentFilter
from housing_ach.desk.payment_facts import facts_of, listed_payments, offers, payments_of
from housing_ach.desk.refusals import said_of, standing_of
from housing_ach.desk.tables_payments import PaymentTable
from housing_ach.payments import services
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import dates_of
from housing_ach.payments.states import PaymentStatus, Purpose
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from housing_ach.users.step_up import StepUpForm

REFUSED = 422


def _hold(payment: Payment, _by: User, reason: str, at: datetime) -> bool:
    return bool(services.hold([payment.pk], kind=CaseKind.HOLD, reason=reason, at=at))


def _release(payment: Payment, by: User, reason: str, at: datetime) -> bool:
    services.release(payment, by=by, reason=reason, at=at)
    return True


def _cancel(payment: Payment, by: User, reason: str, at: datetime) -> bool:
    services.cancel(payment, by=by, reason=reason, at=at)
    return True


# What is done, whether it came about, and the words for that.
DECISIONS: dict[str, tuple[Callable[[Payment, User, str, datetime], bool], Promise]] = {
    "hold": (_hold, later("The payment is on hold, and an exception says why.")),
    "release": (_release, later("Released: it goes on as planned.")),
    "cancel": (_cancel, later("The payment is canceled.")),
}


@require_safe
@desk_page()
def payments(request: HttpRequest) -> HttpResponseBase:
    filters = PaymentFilter(request.GET, user=person(request))
    table = PaymentTable(filters.of(listed_payments(person(request))))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "payments")
    told = {"table": paged(request, table), "filters": filters}
    return render(request, "desk/payments.html", told)


@require_safe
@desk_page()
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _of(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Role.FINANCE)
def payment_approve(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _to_act_on(request, pk)
    form = StepUpForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            services.approve(shown, by=person(request), at=at)
        except Refusal as problem:
            shown = _of(request, pk)
            return _shown(request, shown, problem=said_of(problem, shown, at=at))
        messages.success(request, _("Approved. It goes to the bank as planned."))
        return redirect("desk:payment", pk)
    if shown.status != PaymentStatus.AWAITING_APPROVAL:
        messages.warning(request, standing_of(shown))
        return redirect("desk:payment", pk)
    told = {
        "payment": shown,
        "hidden": shown.purpose == Purpose.MICRO_DEPOSIT,
        "dates": dates_of(shown, shown.fund.company.profile),
        "form": form,
        "is_maker": shown.made_by_id == person(request).pk,
    }
    return render(
        request, "desk/payment_approve.html", told, status=REFUSED if form.errors else 200
    )


@require_POST
@desk_page(Role.FINANCE)
def payment_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold, release or cancel, with a reason."""
    shown, form, at = _to_act_on(request, pk), DecideForm(request.POST), now()
    act, done = DECISIONS.get(request.POST.get("do", ""), (None, ""))
    if act is None or not form.is_valid():
        return _shown(request, shown, form=form)
    try:
        came_about = act(shown, person(request), form.cleaned_data["reason"], at)
    except Refusal as problem:
        shown = _of(request, pk)
        form.add_error(None, said_of(problem, shown, at=at))
        return _shown(request, shown, form=form)
    if not came_about:
        shown = _of(request, pk)
        form.add_error(None, standing_of(shown))
        return _shown(request, shown, form=form)
    messages.success(request, str(done))
    return redirect("desk:payment", pk)


@require_POST
@desk_page(Role.FINANCE)
def payment_tell(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the payer in writing, and debit on the first day the law allows then."""
    shown, at = _to_act_on(request, pk), now()
    try:
        notice = services.reschedule_for_notice(shown, by=person(request), at=at)
    except Refusal as problem:
        shown = _of(request, pk)
        return _shown(request, shown, problem=said_of(problem, shown, at=at))
    day = f"{notice.debit_on:%b} {notice.debit_on.day}, {notice.debit_on.year}"
    messages.success(
        request,
        _("The notice is on its way; the debit moved to %(day)s. Release it once it is sent.")
        % {"day": day},
    )
    return redirect("desk:payment", pk)


def _of(request: HttpRequest, pk: int) -> Payment:
    return get_object_or_404(payments_of(person(request)), pk=pk)


def _to_act_on(request: HttpRequest, pk: int) -> Payment:
    found = _of(request, pk)
    if not _may_act(request, found):
        raise PermissionDenied
    return found


def _may_act(request: HttpRequest, shown: Payment) -> bool:
    return reaches(person(request), Role.FINANCE, shown.lease.unit.property_id)


def _shown(
    request: HttpRequest, shown: Payment, *, form: DecideForm | None = None, problem: str = ""
) -> HttpResponse:
    offered = offers(shown) if _may_act(request, shown) else None
    told: dict[str, Any] = {
        **facts_of(shown, user=person(request)),
        "form": form or DecideForm(),
        "problem": problem,
        "offers": offered,
        "is_maker": shown.made_by_id == person(request).pk,
        "lawful_on": services.first_debit_day(now()) if offered and offered.tell else None,
    }
    return render(request, "desk/payment.html", told, status=REFUSED if form or problem else 200)
