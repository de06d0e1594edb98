"""Autopay step by step: how much, from where, when, and the signature. Changing it takes the same steps."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from housing_ach.clock.services import now
from housing_ach.mandates.models import Autopay, BankAccount
from housing_ach.mandates.selectors import current_text
from housing_ach.mandates.services import PlanExists
from housing_ach.mandates.states import Roll
from housing_ach.portal.access import person, tenant_page
from housing_ach.portal.device import device_of
from housing_ach.portal.drafts import STEPS, Draft, Drafts, drafted
from housing_ach.portal.forms.accounts import SECRETS, AccountForm
from housing_ach.portal.forms.autopay import AmountForm, ScheduleForm, SignForm, amount_first
from housing_ach.portal.leases import chosen_lease, leases_of
from housing_ach.portal.opening import account_from
from housing_ach.portal.plans import Outlook, Wished, change_plan, outlook, planned, start_plan
from housing_ach.portal.refusals import Untold, tell
from housing_ach.portal.selectors.plan import (
    plan_of,
    rent_days,
    suggested_most_cents,
    usable_accounts,
)
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.selectors import effective_policy, rollout_of
from housing_ach.tenants.states import Rollout

REFUSED = 422
TEMPLATES = {
    "amount": "portal/set_up_amount.html",
    "account": "portal/set_up_account.html",
    "schedule": "portal/set_up_schedule.html",
    "review": "portal/set_up_review.html",
}


class Walk(NamedTuple):
    """Somebody on one of the steps; `plan` is the one that is changed."""

    request: HttpRequest
    tenant: Tenant
    lease: Lease
    plan: Autopay | None
    draft: Draft
    at: datetime

    def url(self, step: str) -> str:
        if self.plan:
            return reverse("portal:autopay-change", args=[self.plan.pk, step])
        return f"{reverse('portal:autopay-step', args=[step])}?lease={self.lease.pk}"

    def on(self, step: str, **answers: Any) -> HttpResponse:
        """Keep what was answered and go to the next step; a change is looked at right away."""
        Drafts(self.request.session).keep(self.draft, **answers)
        following = STEPS[STEPS.index(step) + 1]
        return redirect(self.url("review" if self.plan else following))

    def show(self, step: str, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
        shared = {
            "step": step,
            "number": STEPS.index(step) + 1,
            "lease": self.lease,
            "plan": self.plan,
            "draft": self.draft,
            "back": self.url(STEPS[max(0, STEPS.index(step) - 1)]),
            "amount_url": self.url("amount"),
            "account_url": self.url("account"),
            "schedule_url": self.url("schedule"),
            "tab": "autopay",
        }
        return render(self.request, TEMPLATES[step], shared | told, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*SECRETS)
@tenant_page
def set_up(request: HttpRequest, tenant: Tenant, step: str) -> HttpResponse:
    at = now()
    lease = chosen_lease(request, leases_of(tenant, on=new_york_date(at)))
    if plan := plan_of(tenant, lease):
        if request.method == "POST" and step == "review":
            return redirect("portal:autopay-done", plan.pk)
        messages.info(request, _("Autopay is on for this home already. You can change it here."))
        return _to_autopay(lease)
    if rollout_of(lease) != Rollout.LIVE:
        return _to_autopay(lease)
    draft = Drafts(request.session).of_lease(lease.pk) or Draft(lease.pk)
    return _walked(Walk(request, tenant, lease, None, draft, at), step)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*SECRETS)
@tenant_page
def change(request: HttpRequest, tenant: Tenant, pk: int, step: str) -> HttpResponse:
    at = now()
    plan = _plan(tenant, pk)
    if plan.ends_on is not None:
        messages.info(request, _("This autopay has ended. You can set up a new one."))
        return _to_autopay(plan.lease)
    draft = Drafts(request.session).of_plan(plan.pk) or drafted(plan)
    return _walked(Walk(request, tenant, plan.lease, plan, draft, at), step)


@require_safe
@tenant_page
def done(request: HttpRequest, tenant: Tenant, pk: int) -> HttpResponse:
    plan = _plan(tenant, pk)
    at = now()
    days = planned(
        plan.lease, day_of_month=plan.day_of_month, roll=plan.mandate.roll, at=at, count=1
    )
    told = {
        "plan": plan,
        "first": days[0],
        "account": plan.mandate.bank_account,
        "tab": "autopay",
    }
    return render(request, "portal/autopay_done.html", told)


def _walked(walk: Walk, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    missing = walk.draft.missing
    if missing and STEPS.index(missing) < STEPS.index(step):
        messages.info(
            walk.request,
            _(
                "This step comes first. If you had answered it, that was too long ago: please do again."
            ),
        )
        return redirect(walk.url(missing))
    return SHOWN[step](walk)


def _amount(walk: Walk) -> HttpResponse:
    if walk.request.method == "POST":
        form = AmountForm(walk.request.POST)
        if form.is_valid():
            return walk.on("amount", **form.answers)
        return walk.show("amount", {"form": form}, status=REFUSED)
    suggested = suggested_most_cents(walk.tenant, walk.lease, on=new_york_date(walk.at))
    return walk.show("amount", {"form": AmountForm(initial=amount_first(walk.draft, suggested))})


def _account(walk: Walk) -> HttpResponse:
    """Whoever adds an account, or changes the one in use, shows that he is the tenant."""
    given: dict[str, Any] = {
        "request": walk.request,
        "accounts": usable_accounts(walk.tenant),
        "offers": effective_policy(lease=walk.lease).verification.value,
        "steps_up": walk.plan is not None,
        "initial": {"account": walk.draft.account, "holder_name": walk.tenant.name},
    }
    empty = AccountForm(**given)
    if walk.request.method != "POST":
        return walk.show("account", {"form": empty, "fresh": empty})
    form = AccountForm(walk.request.POST, **given)
    if form.is_valid():
        try:
            account = account_from(form, walk.tenant, at=walk.at)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            answers = {"account": account.pk, "verify_by": form.cleaned_data["verify_by"]}
            return walk.on("account", **answers)
    told = {"form": form, "fresh": form if form.adds else empty}
    return walk.show("account", told, status=REFUSED)


def _schedule(walk: Walk) -> HttpResponse:
    """The dates follow what is chosen: the page asks for them again by itself."""
    number, roll = walk.draft.day_of_month, walk.draft.roll
    if not number:
        number, roll = 1, effective_policy(lease=walk.lease).roll.value
    form, status = ScheduleForm(initial={"day_of_month": number, "roll": roll}), 200
    if walk.request.method == "POST":
        form, status = ScheduleForm(walk.request.POST), REFUSED
        if form.is_valid():
            return walk.on("schedule", **form.cleaned_data)
    elif (looked := ScheduleForm(walk.request.GET)).is_valid():
        number, roll = looked.cleaned_data["day_of_month"], looked.cleaned_data["roll"]
        form = ScheduleForm(initial=looked.cleaned_data)
    debits = planned(walk.lease, day_of_month=number, roll=roll, at=walk.at)
    told = {"form": form, "debits": debits, "rent_days": rent_days(walk.lease)}
    return walk.show("schedule", told, status=status)


def _review(walk: Walk) -> HttpResponse:
    """Everything that will be debited, before the name is put under it."""
    account = get_object_or_404(BankAccount, tenant=walk.tenant, pk=walk.draft.account)
    wished = Wished(walk.draft, walk.tenant, walk.lease, account)
    try:
        seen = outlook(wished, walk.plan, by=person(walk.request), at=walk.at)
        if walk.request.method == "POST":
            return _signed(walk, wished, seen)
    except PlanExists:
        mine = Autopay.objects.filter(tenant=walk.tenant, lease=walk.lease)
        return redirect("portal:autopay-done", get_object_or_404(mine, ends_on=None).pk)
    except Refusal as refusal:
        return walk.show("review", {"form": Untold(refusal), "impossible": True}, status=REFUSED)
    return _reviewed(walk, wished, seen, SignForm())


def _signed(walk: Walk, wished: Wished, seen: Outlook) -> HttpResponse:
    form = SignForm(walk.request.POST)
    if seen.replaces and not form.is_valid():
        return _reviewed(walk, wished, seen, form, status=REFUSED)
    by, at = person(walk.request), walk.at
    signature = form.signature(device_of(walk.request)) if seen.replaces else None
    if walk.plan:
        change_plan(walk.plan, wished, by=by, at=at, signature=signature)
        messages.success(walk.request, _("Autopay is changed. See below what comes next."))
        answer = _to_autopay(walk.lease)
    else:
        plan = start_plan(wished, by=by, at=at, signature=signature)
        answer = redirect("portal:autopay-done", plan.pk)
    Drafts(walk.request.session).drop(walk.draft)
    return answer


def _reviewed(
    walk: Walk, wished: Wished, seen: Outlook, form: SignForm, *, status: int = 200
) -> HttpResponse:
    home = walk.lease.unit.property
    told = {
        "form": form,
        "seen": seen,
        "account": wished.account,
        "companies": list(
            dict.fromkeys(
                fund.company.name for fund in (home.operating_fund, home.deposit_fund) if fund
            )
        ),
        "text": current_text(),
        "roll": Roll(walk.draft.roll),
        "signs": seen.replaces,
        "most_cents": _most_cents(walk, seen),
    }
    return walk.show("review", told, status=status)


def _most_cents(walk: Walk, seen: Outlook) -> int:
    """Of the permission that will be in force."""
    if walk.plan and not seen.replaces:
        return walk.plan.mandate.max_cents
    return walk.draft.most_cents


def _plan(tenant: Tenant, pk: int) -> Autopay:
    mine = Autopay.objects.filter(tenant=tenant).select_related(
        "mandate__bank_account",
        "mandate__text",
        "tenant",
        "lease__unit__property__operating_fund__company__profile",
    )
    return get_object_or_404(mine, pk=pk)


def _to_autopay(lease: Lease) -> HttpResponse:
    return redirect(f"{reverse('portal:autopay')}?lease={lease.pk}")


SHOWN: dict[str, Callable[[Walk], HttpResponse]] = {
    "amount": _amount,
    "account": _account,
    "schedule": _schedule,
    "review": _review,
}
