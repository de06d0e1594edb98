"""What a tenant's first page says: one thing that needs doing, the next payment, and what is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from housing_ach.mandates.models import Autopay, BankAccount
from housing_ach.mandates.states import MandateStatus, VerificationStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import (
    Dates,
    NextPayment,
    OpenShare,
    credit_left,
    dates_of,
    dates_on,
    next_payment,
    open_shares,
)
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.portal.selectors.plan import awaited_deposits, plan_of
from housing_ach.portal.words import PLANNED
from housing_ach.reports.templatetags.papers import day, dollars
from housing_ach.returns.models import Return
from housing_ach.returns.plain_words import plain_words
from housing_ach.returns.states import ReturnKind
from housing_ach.tenants.models import Lease, Tenant

BROKEN = (MandateStatus.BLOCKED, MandateStatus.EXPIRED, MandateStatus.REVOKED)


class Attention(NamedTuple):
    """The one notice of the page, and its one action."""

    tone: str
    icon: str
    title: str | Promise
    text: str | Promise
    url: str
    action: str | Promise


class Coming(NamedTuple):
    """The next payment with its four dates; `payment` is null for what a plan would take."""

    told: NextPayment
    dates: Dates
    payment: Payment | None
    account: BankAccount | None

    @property
    def look(self) -> str:
        return self.payment.status if self.payment else "SCHEDULED"


class Start(NamedTuple):
    plan: Autopay | None
    coming: Coming | None
    open: tuple[OpenShare, ...]
    free_cents: int
    credit_cents: int
    attention: Attention | None


def start_of(tenant: Tenant, lease: Lease, *, at: datetime) -> Start:
    plan = plan_of(tenant, lease)
    coming = _coming(tenant, lease, plan, at)
    shares = tuple(open_shares(lease=lease, tenant=tenant))
    fund_id = lease.unit.property.operating_fund_id
    return Start(
        plan=plan,
        coming=coming,
        open=tuple(share for share in shares if share.open_cents),
        free_cents=sum(share.free_cents for share in shares),
        credit_cents=credit_left(lease=lease, tenant=tenant, fund_id=fund_id),
        attention=_returned(tenant, lease, shares)
        or _to_verify(tenant, plan)
        or _permission(plan)
        or _news(tenant, lease, coming),
    )


def _coming(tenant: Tenant, lease: Lease, plan: Autopay | None, at: datetime) -> Coming | None:
    told = next_payment(tenant=tenant, lease=lease, at=at)
    if told is None:
        return None
    if told.payments:
        rows = Payment.objects.select_related("fund__company__profile", "bank_account")
        payment = rows.get(pk=told.payments[0])
        profile = payment.fund.company.profile
        return Coming(told, dates_of(payment, profile), payment, payment.bank_account)
    profile = lease.unit.property.operating_fund.company.profile
    account = plan.mandate.bank_account if plan else None
    return Coming(told, dates_on(told.debit_on, profile, made_at=at), None, account)


def _returned(tenant: Tenant, lease: Lease, shares: Sequence[OpenShare]) -> Attention | None:
    """As long as what came back is open."""
    debits = Payment.objects.filter(tenant=tenant, lease=lease, direction=Direction.DEBIT)
    retry = debits.filter(retries__gt=0, status__in=PLANNED).order_by("-pk").first()
    is_open = any(share.reopened and share.free_cents for share in shares)
    back = debits.filter(status=PaymentStatus.RETURNED).order_by("-effective_on", "-pk").first()
    payment = retry or (back if is_open else None)
    if payment is None:
        return None
    returns = Return.objects.filter(entry__payment=payment, kind=ReturnKind.RETURN)
    found = returns.order_by("-pk").first()
    told = plain_words(found.code if found else "")
    if retry:
        again = {"on": day(retry.effective_on), "amount": dollars(retry.cents)}
        next_step = _("We will try %(amount)s once more on %(on)s.") % again
    else:
        next_step = str(told.next_step)
    return Attention(
        "warn" if retry else "bad",
        "arrow-uturn-left",
        _("Your payment of %(amount)s came back") % {"amount": dollars(payment.cents)},
        f"{told.happened} {next_step}",
        reverse("portal:payment", args=[payment.order_id]),
        _("See what to do"),
    )


def _to_verify(tenant: Tenant, plan: Autopay | None) -> Attention | None:
    if deposits := awaited_deposits(tenant):
        ending = deposits.bank_account.last_four
        return Attention(
            "info",
            "check-badge",
            _("Your two deposits are there"),
            _("Look at your account ending %(ending)s and tell us both amounts.")
            % {"ending": ending},
            reverse("portal:verify", args=[deposits.bank_account_id]),
            _("Enter the amounts"),
        )
    if plan is None or plan.mandate.status != MandateStatus.PENDING_VERIFICATION:
        return None
    account = plan.mandate.bank_account
    waits = account.verification == VerificationStatus.PENDING
    return Attention(
        "info" if waits else "warn",
        "clock" if waits else "exclamation-triangle",
        _("Autopay waits until your bank account is checked"),
        _("We are checking it. Until then we take nothing: pay another way what is due before.")
        if waits
        else _("The check has not worked, or not begun. Until it has, we take nothing."),
        reverse("portal:verify", args=[account.pk]),
        _("See how it stands") if waits else _("Check the account"),
    )


def _permission(plan: Autopay | None) -> Attention | None:
    if plan is None or plan.mandate.status not in BROKEN:
        return None
    return Attention(
        "warn",
        "exclamation-triangle",
        _("Autopay needs your permission again"),
        _(
            "The permission is not in force any more, so we take nothing. Choose an account and sign."
        ),
        reverse("portal:autopay-change", args=[plan.pk, "account"]),
        _("Choose an account"),
    )


def _news(tenant: Tenant, lease: Lease, coming: Coming | None) -> Attention | None:
    held = Payment.objects.filter(
        tenant=tenant, lease=lease, status=PaymentStatus.HELD, direction=Direction.DEBIT
    )
    if found := held.filter(cents__gt=0).order_by("effective_on", "pk").first():
        return Attention(
            "hold",
            "pause-circle",
            _("A payment of %(amount)s is on hold") % {"amount": dollars(found.cents)},
            _("Somebody in the office has to look at it first. Nothing is taken before."),
            reverse("portal:payment", args=[found.order_id]),
            _("See the payment"),
        )
    if coming is None or not coming.told.out_of_range:
        return None
    return Attention(
        "info",
        "information-circle",
        _("Your next payment differs from what you agreed to"),
        _(
            "We write to you at least ten days before with the amount and the date, or do not take it."
        ),
        reverse("portal:autopay"),
        _("See your autopay"),
    )
