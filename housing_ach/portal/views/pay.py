"""Paying now: choose, look at every debit, confirm once."""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

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
TOKEN = re.compile(r"[0-9a-f]{32}")


@require_safe
@tenant_page
def choose(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    at = now()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    return _chosen(request, lease, _pay_form(tenant, lease, at, initial=_wished(request, at)))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def review(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Its address holds what was chosen and the token of the form, so that whoever comes back to it, from
    a sign-in or from the page after it, finds the same form.
    """
    at = now()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    if request.method == "POST":
        form = _pay_form(tenant, lease, at, data=request.POST)
        if form.is_valid():
            return redirect(_review_url(lease, form))
        return _chosen(request, lease, form, status=REFUSED)
    token = request.GET.get("token", "")
    if not TOKEN.fullmatch(token):
        return _chosen(request, lease, _pay_form(tenant, lease, at, initial=_wished(request, at)))
    if order := order_of(tenant, token):
        return _made_already(request, order)
    return _looked_at(request, _pay_form(tenant, lease, at, data=request.GET), tenant, lease)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def confirm(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """However often it is sent: one order. Only asked for, after a sign-in, it is the page before."""
    if request.method != "POST":
        return redirect(reverse("portal:pay-review", query=request.GET))
    at, device = now(), device_of(request)
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    asked, token = _asked(request, tenant, lease)
    if order := order_of(tenant, token):
        return _made_already(request, order)
    try:
        shown = preview(asked, by=person(request), at=at, device=device)
        form = ConfirmForm(request.POST, signs=shown.mandate is None, repeats=shown.repeats)
        if form.is_valid():
            yes = Confirmed(token, form.signature(device), insists=shown.repeats)
            pay(asked, by=person(request), at=at, confirmed=yes)
        elif order_of(tenant, token) is None:
            return _reviewed(request, asked, shown, form, status=REFUSED)
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


def _looked_at(request: HttpRequest, form: PayForm, tenant: Tenant, lease: Lease) -> HttpResponse:
    if not form.is_valid():
        return _chosen(request, lease, form, status=REFUSED)
    cents, on = form.cleaned_data["cents"], form.cleaned_data["on"]
    asked = Asked(tenant, lease, form.chosen_account, cents, on)
    try:
        shown = preview(asked, by=person(request), at=now(), device=device_of(request))
    except Refusal as refusal:
        return _refused(request, lease, form, refusal)
    return _reviewed(request, asked, shown, _confirm_form(asked, shown, request.GET["token"]))


def _review_url(lease: Lease, form: PayForm) -> str:
    chosen = {name: form.data[name] for name in form.fields if name in form.data}
    query = chosen | {"lease": lease.pk, "token": uuid4().hex}
    return reverse("portal:pay-review", query=query)


def _made_already(request: HttpRequest, order: Order) -> HttpResponse:
    messages.info(
        request,
        _("You asked for this payment already. Here is how it stands. Nothing is paid twice."),
    )
    return redirect("portal:payment", order.pk)


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
    request: HttpRequest, asked: Asked, shown: Preview, form: ConfirmForm, *, status: int = 200
) -> HttpResponse:
    told = {
        "asked": asked,
        "shown": shown,
        "text": None if shown.mandate else current_text(),
        "form": form,
        "tab": "payments",
    }
    return render(request, "portal/pay_review.html", told, status=status)


def _confirm_form(asked: Asked, shown: Preview, token: str) -> ConfirmForm:
    first = {
        "cents": asked.cents,
        "account": asked.account.pk,
        "on": asked.requested_on,
        "token": token,
    }
    return ConfirmForm(initial=first, signs=shown.mandate is None, repeats=shown.repeats)


def _refused(request: HttpRequest, lease: Lease, form: PayForm, refusal: Refusal) -> HttpResponse:
    field, sentence = said(refusal)
    form.is_valid()
    form.add_error(field if field in form.fields else None, str(sentence))
    return _chosen(request, lease, form, status=REFUSED)
