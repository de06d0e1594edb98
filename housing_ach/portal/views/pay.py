"""Paying now: choose, look at every debit, confirm once."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from housing_ach.clock.services import now
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.selectors import current_text
from housing_ach.mandates.states import AccountStatus, VerificationStatus
from housing_ach.payments.models import Order
from housing_ach.payments.selectors import open_cents, payable
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.device import device_of
from housing_ach.portal.forms.pay import OTHER, ConfirmForm, PayForm
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.portal.refusals import said
from housing_ach.portal.selectors.debits import debits_of
from housing_ach.portal.services import (
    Asked,
    Confirmed,
    Preview,
    made_with,
    order_of,
    pay,
    preview,
)
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.selectors import rollout_of
from housing_ach.tenants.states import Rollout

REFUSED = 422


@require_safe
@tenant_page
def choose(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    at = now()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    return _chosen(request, lease, _pay_form(tenant, lease, at, initial=_wished(request, at)))


@require_POST
@tenant_page
def review(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    at = now()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    form = _pay_form(tenant, lease, at, data=request.POST)
    if not form.is_valid():
        return _chosen(request, lease, form, status=REFUSED)
    asked = Asked(
        tenant, lease, form.chosen_account, form.cleaned_data["cents"], form.cleaned_data["on"]
    )
    try:
        shown = preview(asked, by=person(request), at=at, device=device_of(request))
    except Refusal as refusal:
        return _refused(request, lease, form, refusal)
    return _reviewed(request, asked, shown)


@require_POST
@tenant_page
def confirm(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """However often it is sent: one order."""
    at, device = now(), device_of(request)
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    asked, token = _asked(request, tenant, lease)
    try:
        shown = preview(asked, by=person(request), at=at, device=device)
        form = ConfirmForm(request.POST, signs=shown.mandate is None, repeats=shown.repeats)
        if form.is_valid():
            yes = Confirmed(token, form.signature(device), insists=shown.repeats)
            pay(asked, by=person(request), at=at, confirmed=yes)
        elif order_of(tenant, token) is None:
            return _reviewed(request, asked, shown, form)
    except Refusal as refusal:
        if order_of(tenant, token) is None:
            again = _pay_form(tenant, lease, at, data=_data(asked))
            return _refused(request, lease, again, refusal)
    return redirect("portal:paid", get_object_or_404(made_with(tenant, token)).pk)


@require_safe
@tenant_page
def paid(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.filter(tenant=tenant), pk=pk)
    told = {"order": order, "debits": debits_of(order), "tab": "payments"}
    return render(request, "portal/paid.html", told)


def _pay_form(tenant: Tenant, lease: Lease, at: datetime, **given: Any) -> PayForm:
    today = new_york_date(at)
    return PayForm(
        payable=payable(tenant=tenant, lease=lease),
        due_cents=open_cents(lease=lease, tenant=tenant, due_by=today),
        accounts=list(_accounts(tenant)),
        today=today,
        **given,
    )


def _accounts(tenant: Tenant) -> QuerySet[BankAccount]:
    """Those a debit may be taken from."""
    return BankAccount.objects.filter(
        tenant=tenant, status=AccountStatus.OPEN, verification=VerificationStatus.VERIFIED
    ).order_by("-pk")


def _wished(request: HttpRequest, at: datetime) -> dict[str, str]:
    """What a link or the page before names; anything else is left to the form."""
    wished = {"on": new_york_date(at).isoformat()}
    wished |= {name: request.GET[name] for name in ("how", "on", "account") if name in request.GET}
    if amount := request.GET.get("amount"):
        wished |= {"how": OTHER, "amount": amount}
    return wished


def _asked(request: HttpRequest, tenant: Tenant, lease: Lease) -> tuple[Asked, str]:
    """What the review page sent along. Http404 where it was not that page."""
    form = ConfirmForm(request.POST, signs=False, repeats=False)
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data
    account = get_object_or_404(BankAccount, tenant=tenant, pk=given["account"])
    return Asked(tenant, lease, account, given["cents"], given["on"]), given["token"]


def _data(asked: Asked) -> dict[str, str]:
    amount = {"how": OTHER, "amount": dollars(asked.cents)}
    return {"account": str(asked.account.pk), "on": asked.requested_on.isoformat()} | amount


def _chosen(
    request: HttpRequest, lease: Lease, form: PayForm, *, status: int = 200
) -> HttpResponse:
    told = {
        "form": form,
        "lease": lease,
        "is_live": rollout_of(lease) == Rollout.LIVE,
        "tab": "payments",
    }
    return render(request, "portal/pay.html", told, status=status)


def _reviewed(
    request: HttpRequest, asked: Asked, shown: Preview, form: ConfirmForm | None = None
) -> HttpResponse:
    first = {
        "cents": asked.cents,
        "account": asked.account.pk,
        "on": asked.requested_on,
        "token": uuid4().hex,
    }
    told = {
        "asked": asked,
        "shown": shown,
        "text": None if shown.mandate else current_text(),
        "form": form
        or ConfirmForm(initial=first, signs=shown.mandate is None, repeats=shown.repeats),
        "tab": "payments",
    }
    return render(request, "portal/pay_review.html", told, status=REFUSED if form else 200)


def _refused(request: HttpRequest, lease: Lease, form: PayForm, refusal: Refusal) -> HttpResponse:
    field, sentence = said(refusal)
    form.is_valid()
    form.add_error(field if field in form.fields else None, str(sentence))
    return _chosen(request, lease, form, status=REFUSED)
