"""Signing autopay, and changing it: permission, plan and verification, all of them or none."""

from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.selectors import PlannedDebit, debit_plan, upcoming_debit_days
from housing_ach.mandates.services import (
    MandateInactive,
    NoEvidence,
    change_autopay,
    mark_verified,
    revoke,
    set_up_autopay,
    sign_mandate,
)
from housing_ach.mandates.states import (
    IN_CENTS,
    Channel,
    MandateStatus,
    Roll,
    VerificationMethod,
    VerificationStatus,
)
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import (
    Consequences,
    NextPayment,
    changing,
    next_payment,
)
from housing_ach.payments.services import TooLate, send_prenote, skip_debits
from housing_ach.payments.services.locking import lock_leases
from housing_ach.payouts.services import start_micro_deposits
from housing_ach.portal.device import Device, Signature
from housing_ach.portal.drafts import Draft
from housing_ach.portal.selectors.plan import stopped_days
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.services import require_live
from housing_ach.users.models import User

# Autopay takes nothing below a cent, and less than usual whenever less is due.
LEAST_CENTS = 1
REPLACED = "replaced by a new authorization"


class AlreadySkipped(Refusal):
    """The debit is left out already."""


class Wished(NamedTuple):
    """What is to be signed, by whom, and over which account."""

    draft: Draft
    tenant: Tenant
    lease: Lease
    account: BankAccount


class Outlook(NamedTuple):
    """What a plan would do: the next debits, what the first would take, and what goes as it is.

    `replaces`: the permission in force does not cover it, so that a new one is signed.
    """

    debits: list[PlannedDebit]
    next: NextPayment | None
    going: tuple[Payment, ...]
    replaces: bool


def planned(
    lease: Lease, *, day_of_month: int, roll: Roll | str, at: datetime, count: int = 12
) -> list[PlannedDebit]:
    """The next debits the bank can still be reached for."""
    soonest = soonest_effective_date(lease.unit.property.operating_fund.company.profile, at)
    rows = debit_plan(day_of_month=day_of_month, roll=roll, on=new_york_date(at), count=count + 2)
    return [row for row in rows if row.debit_on >= soonest][:count]


def needs_signature(draft: Draft, mandate: Mandate) -> bool:
    """A wider permission, another account or another roll; a range that is narrowed is signed too."""
    fits = (
        draft.most_cents <= mandate.max_cents
        if draft.mode in IN_CENTS
        else draft.most_cents == mandate.max_cents
    )
    same = (draft.account, draft.roll) == (mandate.bank_account_id, mandate.roll)
    return not (fits and same and mandate.status in _STANDING)


_STANDING = frozenset({MandateStatus.ACTIVE, MandateStatus.PENDING_VERIFICATION})


@transaction.atomic
def start_plan(wished: Wished, *, by: User, at: datetime, signature: Signature | None) -> Autopay:
    """Raises what `sign_mandate`, `set_up_autopay` and the start of a verification raise, and NotLive."""
    lock_leases([wished.lease.pk])
    mandate = _sign(wished, by=by, at=at, signature=signature)
    return set_up_autopay(mandate=mandate, starts_on=_starts_on(wished, at), **wished.draft.terms)


@transaction.atomic
def change_plan(
    plan: Autopay, wished: Wished, *, by: User, at: datetime, signature: Signature | None
) -> Autopay:
    """In place. Raises what `change_autopay` and signing raise; NoEvidence where a signature is needed."""
    lock_leases([plan.lease_id])
    before = plan.mandate
    if not needs_signature(wished.draft, before):
        return change_autopay(plan, by=by, at=at, **wished.draft.terms)
    mandate = _sign(wished, by=by, at=at, signature=signature)
    changed = change_autopay(plan, by=by, at=at, mandate=mandate, **wished.draft.terms)
    if not Payment.objects.in_flight().filter(mandate=before).exists():
        revoke(before, REPLACED, at)
    return changed


def outlook(wished: Wished, plan: Autopay | None, *, by: User, at: datetime) -> Outlook:
    """What signing now would do: done, read and undone, so that nothing else can be shown.

    An account that is not verified yet counts as if it were. Raises what signing raises.
    """
    draft, device = wished.draft, Device("127.0.0.1", "a look ahead")
    replaces = plan is None or needs_signature(draft, plan.mandate)
    signature = Signature(wished.tenant.name, device)
    with transaction.atomic():
        if plan is None:
            start_plan(wished, by=by, at=at, signature=signature)
        else:
            change_plan(plan, wished, by=by, at=at, signature=signature)
        if wished.account.verification != VerificationStatus.VERIFIED:
            method = VerificationMethod.MANUAL
            mark_verified(wished.account, method=method, on=new_york_date(at))
        then = next_payment(tenant=wished.tenant, lease=wished.lease, at=at)
        transaction.set_rollback(True)
    if plan is not None:
        plan.refresh_from_db()
    wished.account.refresh_from_db()
    debits = planned(wished.lease, day_of_month=draft.day_of_month, roll=draft.roll, at=at)
    return Outlook(debits, then, changing(plan).goes if plan else (), replaces)


@transaction.atomic
def skip_shown(plan: Autopay, day: date, *, by: User, at: datetime) -> Consequences:
    """Leave out the debit of the day a page showed, and no other.

    Raises AlreadySkipped, TooLate or BadPlan.
    """
    on = new_york_date(at)
    if day not in upcoming_debit_days(plan, on, 3) or day in stopped_days(plan, on=on):
        raise AlreadySkipped(f"day: {day} is left out already", field="day")
    told = skip_debits(plan, by=by, at=at)
    if told.goes or told.leaves_out != (day,):
        raise TooLate(f"day: the debit of {day} cannot be stopped any more", field="day")
    return told


def start_verification(
    account: BankAccount, lease: Lease, method: str, *, by: User, at: datetime
) -> None:
    """Raises what its services raise; MandateInactive for a prenote without a permission to send it by."""
    if method == VerificationMethod.MICRO_DEPOSIT:
        start_micro_deposits(bank_account=account, lease=lease, by=by, at=at)
        return
    mandate = waiting_mandate(account)
    if mandate is None:
        raise MandateInactive("mandate: none waits for this account", field="mandate")
    send_prenote(mandate=mandate, by=by, at=at)


def waiting_mandate(account: BankAccount) -> Mandate | None:
    """By which a prenote can be sent."""
    waiting = Mandate.objects.filter(bank_account=account, status__in=_STANDING)
    return waiting.order_by("-pk").first()


def _sign(wished: Wished, *, by: User, at: datetime, signature: Signature | None) -> Mandate:
    draft, account = wished.draft, wished.account
    if signature is None:
        raise NoEvidence("signed_name: this needs a permission", field="signed_name")
    require_live(wished.lease)
    waits = account.verification in {VerificationStatus.UNVERIFIED, VerificationStatus.FAILED}
    method = draft.verify_by if waits else ""
    if method == VerificationMethod.MICRO_DEPOSIT:
        start_verification(account, wished.lease, method, by=by, at=at)
    mandate = sign_mandate(
        tenant=wished.tenant,
        lease=wished.lease,
        bank_account=account,
        at=at,
        channel=Channel.INTERNET,
        min_cents=LEAST_CENTS,
        max_cents=draft.most_cents,
        signed_name=signature.name,
        ip=signature.device.ip,
        user_agent=signature.device.user_agent,
        roll=Roll(draft.roll),
    )
    if method == VerificationMethod.PRENOTE:
        send_prenote(mandate=mandate, by=by, at=at)
    return mandate


def _starts_on(wished: Wished, at: datetime) -> date:
    draft = wished.draft
    first = planned(wished.lease, day_of_month=draft.day_of_month, roll=draft.roll, at=at, count=1)
    return first[0].requested_on
