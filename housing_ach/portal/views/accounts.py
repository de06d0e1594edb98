"""Bank accounts: which there are, a new one, whether it is the tenant's, and taking one away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from housing_ach.clock.services import now
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import AccountStatus, VerificationMethod, VerificationStatus
from housing_ach.payments.services import remove_account
from housing_ach.payouts.services import confirm_micro_deposits
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.forms.accounts import SECRETS, AccountForm, DepositsForm
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.portal.opening import account_from
from housing_ach.portal.plans import start_verification, waiting_mandate
from housing_ach.portal.refusals import said, tell
from housing_ach.portal.selectors.plan import account_story, accounts_of
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Tenant
from housing_ach.tenants.selectors import effective_policy
from housing_ach.tenants.states import VerificationOffer

REFUSED = 422
WAITING = (VerificationStatus.UNVERIFIED, VerificationStatus.FAILED)


@require_safe
@tenant_page
def accounts(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    told = {"stories": accounts_of(tenant, at=now()), "tab": "account"}
    return render(request, "portal/accounts.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*SECRETS)
@tenant_page
def add(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Whoever adds an account shows that he is the tenant."""
    at = now()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    given: dict[str, Any] = {
        "request": request,
        "accounts": (),
        "offers": effective_policy(lease=lease).verification.value,
        "initial": {"holder_name": tenant.name},
    }
    form = AccountForm(request.POST if request.method == "POST" else None, **given)
    if form.is_valid():
        try:
            account = account_from(form, tenant, at=at)
            method = form.cleaned_data["verify_by"]
            if account.verification in WAITING and method == VerificationMethod.MICRO_DEPOSIT:
                start_verification(account, lease, method, by=person(request), at=at)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("The account is added. See here what comes next."))
            return redirect("portal:verify", account.pk)
    told = {"form": form, "lease": lease, "tab": "account"}
    return render(
        request, "portal/account_add.html", told, status=REFUSED if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def verify(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Three tries, in ten days: a wrong one is counted before it is refused."""
    account = _account(tenant, pk)
    if request.method != "POST":
        return _verify(request, tenant, account, DepositsForm())
    form = DepositsForm(request.POST)
    if form.is_valid():
        try:
            confirm_micro_deposits(
                bank_account=account, cents=form.cents, by=person(request), at=now()
            )
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Thank you. The account is verified."))
            return redirect("portal:accounts")
    return _verify(request, tenant, account, form, status=REFUSED)


@require_POST
@tenant_page
def start(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """The verification begins, or begins again."""
    at = now()
    account = _account(tenant, pk)
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    method = request.POST.get("verify_by") or VerificationMethod.MICRO_DEPOSIT
    try:
        start_verification(account, lease, method, by=person(request), at=at)
    except Refusal as refusal:
        messages.error(request, str(said(refusal)[1]))
    else:
        messages.success(request, _("The check has begun."))
    return redirect("portal:verify", account.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def remove(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Not while autopay uses it: then another account comes first, or the end of autopay."""
    at = now()
    account = _account(tenant, pk)
    status = 200
    refused = ""
    if request.method == "POST":
        try:
            remove_account(account, at=at)
        except Refusal as refusal:
            refused, status = str(said(refusal)[1]), REFUSED
        else:
            messages.success(request, _("The account is removed. We will not use it again."))
            return redirect("portal:accounts")
    told = {"story": account_story(account, at=at), "refused": refused, "tab": "account"}
    return render(request, "portal/account_remove.html", told, status=status)


def _verify(
    request: HttpRequest,
    tenant: Tenant,
    account: BankAccount,
    form: DepositsForm,
    *,
    status: int = 200,
) -> HttpResponse:
    at = now()
    account.refresh_from_db()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    story = account_story(account, at=at)
    offers = effective_policy(lease=lease).verification.value
    can = story.can_start and account.verification in WAITING
    told = {
        "account": account,
        "story": story,
        "form": form,
        "lease": lease,
        "offers_deposits": can and VerificationOffer.MICRO_DEPOSIT in offers,
        "offers_test": can
        and VerificationOffer.PRENOTE in offers
        and waiting_mandate(account) is not None,
        "tab": "account",
    }
    return render(request, "portal/account_verify.html", told, status=status)


def _account(tenant: Tenant, pk: int) -> BankAccount:
    """Of the tenant himself; what was removed is gone."""
    mine = BankAccount.objects.filter(tenant=tenant).exclude(status=AccountStatus.CLOSED)
    return get_object_or_404(mine, pk=pk)
