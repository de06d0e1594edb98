"""What a return leads to: the money back, the permission, the retry or the Case, all in one step."""

import logging
from datetime import date, datetime

from django.db import transaction

from housing_ach.bank.selectors import soonest_effective_date
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.services import take_back
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.services import fail_verification
from housing_ach.payments.models import Payment
from housing_ach.payments.services import plan_retry
from housing_ach.payments.states import Purpose
from housing_ach.payouts.services import fail_returned
from housing_ach.returns.models import Return
from housing_ach.returns.policy import POLICY, RETRY_AFTER, Policy, policy_of
from housing_ach.returns.selectors import RETURN, waiting
from housing_ach.returns.services.fees import charge_nsf_fee
from housing_ach.returns.services.stop import stop
from housing_ach.shared.business_days import (
    add_banking_days,
)
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal

NEVER_SENT = (EntryStatus.VOID, EntryStatus.REJECTED)
PAYMENT = Payment._meta.label_lower
# Whether they come back is all they are for.
ASK_ABOUT_AN_ACCOUNT: dict[str, str] = {
    Purpose.PRENOTE: "a prenote",
    Purpose.MICRO_DEPOSIT: "a micro-deposit",
}

log = logging.getLogger(__name__)


def apply_waiting(*, at: datetime, file_id: int | None = None) -> None:
    """Every return not applied yet (of one file, where named); one that fails never blocks the rest."""
    rows = waiting().filter(file=file_id) if file_id else waiting()
    for row in rows:
        try:
            apply_return(row, at=at)
        except Refusal as problem:
            log.warning("return %s is not applied: %s", row, problem)
            _tell(row, f"could not be applied: {problem}", at=at)


def apply_return(row: Return, *, at: datetime) -> None:
    """Once, whoever else tries. An entry whose file is on its way to the bank is left for later."""
    with transaction.atomic():
        entry = _locked(row)
        if entry.status == EntryStatus.FROZEN:
            return
        if entry.status in NEVER_SENT:
            _disown(row, entry, at=at)
            return
        if EntryStatus.RETURNED not in Entry.MOVES[entry.status]:
            return
        take_back(entry, code=row.code, on=row.banking_on, at=at)
        failpoint("returns.taken_back")
        taken_back = Entry.objects.select_related(
            "payment__bank_account", "payment__mandate", "payment__tenant"
        ).get(pk=entry.pk)
        if taken_back.payment:
            _follow(row, taken_back.payment, at=at)


def _locked(row: Return) -> Entry:
    """Batch before entry, as everywhere: whoever waited here sees what the other one did."""
    entry = Entry.objects.get(returns=row)
    Batch.objects.select_for_update().get(pk=entry.batch_id)
    return Entry.objects.select_for_update().get(pk=entry.pk)


def _follow(row: Return, payment: Payment, *, at: datetime) -> None:
    policy = policy_of(row.code)
    reason = f"{row.code}, {policy.meaning}, of {row.banking_on}"
    asks = payment.purpose in ASK_ABOUT_AN_ACCOUNT
    if payment.purpose == Purpose.MICRO_DEPOSIT:
        fail_returned(payment, code=row.code, at=at)
    if asks and payment.bank_account:
        fail_verification(payment.bank_account, f"{_named(payment)} returned {reason}")
    stop(policy.effect, payment, reason=reason, at=at)
    if policy.fee_allowed and not asks:
        charge_nsf_fee(payment, code=row.code, at=at)
    left_over = "" if asks else policy.fix
    if policy.retried and not asks:
        left_over = _retry(payment, row.banking_on, at=at)
        if not left_over:
            return
    _open(row, payment, policy, left_over or "the account could not be verified", at=at)


def _retry(payment: Payment, returned_on: date, *, at: datetime) -> str:
    """Plans the retry; why there is none, where there is none."""
    planned_on = add_banking_days(returned_on, RETRY_AFTER)
    effective_on = max(planned_on, soonest_effective_date(payment.fund.company.profile, at))
    try:
        with transaction.atomic():
            plan_retry(payment, effective_on=effective_on, at=at)
    except Refusal as problem:
        return f"not retried: {problem}"
    return ""


def _open(row: Return, payment: Payment, policy: Policy, fix: str, *, at: datetime) -> None:
    kind = policy.case if row.code in POLICY else CaseKind.UNKNOWN_CODE
    what = _named(payment)
    open_case(
        kind,
        PAYMENT,
        payment.pk,
        f"{row.code} {policy.meaning}: {what} of {payment.tenant.name} came back on {row.banking_on}",
        at=at,
        suggested_fix=fix[:1].upper() + fix[1:],
        facts={
            "return": row.pk,
            "code": row.code,
            "trace": row.original_trace,
            "information": row.information,
            "died_on": row.died_on,
            "fee_allowed": policy.fee_allowed and payment.purpose not in ASK_ABOUT_AN_ACCOUNT,
        },
        cents=payment.cents,
    )


def _named(payment: Payment) -> str:
    return ASK_ABOUT_AN_ACCOUNT.get(payment.purpose, dollars(payment.cents))


def _disown(row: Return, entry: Entry, *, at: datetime) -> None:
    """It came early, and then the file it was for turned out never to have been taken."""
    _tell(
        row,
        f"names an entry that is {entry.status}",
        kind=CaseKind.UNMATCHED_RETURN,
        at=at,
    )


def _tell(row: Return, why: str, *, at: datetime, kind: CaseKind = CaseKind.RETURNED) -> None:
    open_case(
        kind,
        RETURN,
        row.pk,
        f"{row.code} of {row.original_trace} {why}",
        at=at,
        suggested_fix="Ask the bank; nothing was posted.",
        facts={"trace": row.original_trace, "entry": row.entry_id, "file": row.file_id},
        cents=row.cents,
    )
