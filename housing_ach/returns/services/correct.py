"""Notifications of change: applied to the account before the next entry (Nacha Rules 2.11.1).

The correction is kept with the version of the account it made; the corrected number itself is in the
vault alone. Each is its own transaction, so one that cannot be applied never holds up the others.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from housing_ach.batches.models import Entry
from housing_ach.batches.services import replan
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import BankAccountVersion
from housing_ach.mandates.services import correct_account
from housing_ach.mandates.states import VerificationStatus
from housing_ach.nacha.objects import CorrectionAddenda
from housing_ach.payments.models import Payment
from housing_ach.payments.services import send_prenote
from housing_ach.payments.services.prenotes import SENDABLE
from housing_ach.payments.states import Purpose
from housing_ach.returns.corrected import corrected
from housing_ach.returns.models import Correction
from housing_ach.returns.selectors import Candidates, whole
from housing_ach.returns.services.reading import Delivery
from housing_ach.returns.services.record import one_at_a_time
from housing_ach.returns.states import CorrectionStatus
from housing_ach.shared.problems import Refusal
from housing_ach.users.services import system_user

CORRECTION = Correction._meta.label_lower
ALREADY_SO = "nothing: the account was so already"
SHOWN = ("routing", "account_type", "holder_name", "individual_id")

log = logging.getLogger(__name__)


class NoAccount(Refusal):
    """The correction names nobody's account."""


def apply_corrections(delivery: Delivery, *, at: datetime) -> None:
    told = [(entry.addenda[-1].line, info) for entry, info in delivery.corrections()]
    traces = {info.original_trace for _, info in told}
    candidates = Candidates.of(traces, on=delivery.banking_on)
    for line, info in told:
        _take_in(delivery, line, info, candidates, at=at)


def replan_stale() -> None:
    """Entries planned with what an account was go back: the next build takes what it is now.

    In a transaction of its own, after the correction's: freezing locks batches before accounts.
    """
    stale = Entry.objects.filter(
        batch__status__in=(BatchStatus.DRAFT, BatchStatus.APPROVED), status=EntryStatus.PLANNED
    ).exclude(account_version__version=F("account_version__account__version"))
    replan(
        list(stale.order_by("pk").values_list("pk", flat=True)),
        reason="the receiving bank corrected its account",
    )


def _take_in(
    delivery: Delivery,
    line: int,
    info: CorrectionAddenda,
    candidates: Candidates,
    *,
    at: datetime,
) -> None:
    row = Correction(
        file=delivery.file,
        line=line,
        code=info.refused_code or info.code,
        original_trace=whole(info.original_trace),
        correction_trace=info.trace,
        original_rdfi=info.original_rdfi,
        banking_on=delivery.banking_on,
        received_at=at,
    )
    with transaction.atomic():
        one_at_a_time()
        if before := _known(row):
            log.info("correction %s of %s came in %s before", row, delivery.file, before.file)
            return
        try:
            with transaction.atomic():
                row.entry, why = candidates.match(row.original_trace, rdfi=row.original_rdfi)
                _apply(row, why, info, at=at)
        except Refusal as problem:
            _park(row, problem, at=at)


def _known(row: Correction) -> Correction | None:
    keys = ("original_trace", "correction_trace", "code")
    same = {name: getattr(row, name) for name in keys}
    return Correction.objects.filter(**same).select_related("file").first()


def _apply(row: Correction, why: str, info: CorrectionAddenda, *, at: datetime) -> None:
    payment = row.entry.payment if row.entry else None
    if payment is None or payment.bank_account is None:
        raise NoAccount(why or "names an entry without a payer", field="original_trace")
    account = payment.bank_account
    before = account.versions.get(version=account.version)
    changes = corrected(row.code, info.corrected_data).changes
    reason = f"{row.code} of {row.banking_on}, trace {row.original_trace}"
    row.new_version = correct_account(account, reason=reason, at=at, **changes)
    row.changed = _difference(before, row.new_version)[:120]
    row.status = CorrectionStatus.APPLIED
    row.save()
    if row.changed == ALREADY_SO:
        return
    if payment.purpose == Purpose.PRENOTE and account.verification != VerificationStatus.VERIFIED:
        _verify_again(payment, at=at)


def _verify_again(payment: Payment, *, at: datetime) -> None:
    """The prenote asked about what the account was; a permission that was stopped needs no other."""
    if payment.mandate and payment.mandate.status in SENDABLE:
        send_prenote(mandate=payment.mandate, by=system_user(), at=at)


def _difference(before: BankAccountVersion, after: BankAccountVersion) -> str:
    parts = [
        f"{name.replace('_', ' ')} {getattr(before, name) or 'ours'} → {getattr(after, name)}"
        for name in SHOWN
        if getattr(before, name) != getattr(after, name)
    ]
    if before.token != after.token and (before.last_four != after.last_four or not parts):
        parts.append(f"account ••{before.last_four} → ••{after.last_four}")
    return ", ".join(parts) or ALREADY_SO


def _park(row: Correction, problem: Refusal, *, at: datetime) -> None:
    row.status, row.reason, row.new_version = CorrectionStatus.PARKED, str(problem)[:300], None
    row.save()
    open_case(
        CaseKind.CORRECTION_PARKED,
        CORRECTION,
        row.pk,
        f"{row.code} of {row.original_trace} in {row.file} was not applied: {problem}",
        at=at,
        suggested_fix="Ask the bank for the corrected data and change the account before the next debit.",
        facts={"trace": row.original_trace, "file": row.file_id, "line": row.line},
    )
