"""Which events are told, and what they are called outside."""

from django.db.models import Q

from housing_ach.audit.models import Event
from housing_ach.batches.models import BankFile, Batch
from housing_ach.batches.states import BatchStatus, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseStatus
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.states import AccountStatus, MandateStatus, VerificationStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reconciliation.states import ReconciliationStatus
from housing_ach.webhooks.models import Endpoint

PAYMENT, MANDATE, ACCOUNT, BATCH, FILE, RECONCILIATION, CASE, ENDPOINT = (
    model._meta.label_lower
    for model in (Payment, Mandate, BankAccount, Batch, BankFile, Reconciliation, Case, Endpoint)
)
MADE, VERSION, PINGED = "made", "version", "endpoint.ping"
_P, _M, _B, _F = PaymentStatus, MandateStatus, BatchStatus, FileStatus

# By subject, then by what happened: MADE, a move ("WAS>BECAME" before "BECAME"), or a column's new
# value ("verification:FAILED").
NAMES: dict[str, dict[str, str]] = {
    PAYMENT: {
        MADE: "payment.created",
        _P.HELD: "payment.held",
        f"{_P.AWAITING_APPROVAL}>{_P.SCHEDULED}": "payment.approved",
        f"{_P.HELD}>{_P.SCHEDULED}": "payment.released",
        f"{_P.RETURNED}>{_P.SCHEDULED}": "payment.retried",
        _P.SENT: "payment.submitted",
        _P.ACCEPTED: "payment.acknowledged",
        _P.SETTLED: "payment.settled",
        _P.CLEARED: "payment.cleared",
        _P.RETURNED: "payment.returned",
        _P.REJECTED: "payment.rejected",
        _P.CANCELLED: "payment.cancelled",
        _P.REVERSED: "payment.reversed",
    },
    MANDATE: {
        MADE: "authorization.created",
        _M.ACTIVE: "authorization.activated",
        _M.PAUSED: "authorization.paused",
        _M.BLOCKED: "authorization.blocked",
        _M.REVOKED: "authorization.revoked",
        _M.EXPIRED: "authorization.expired",
    },
    ACCOUNT: {
        MADE: "bank_account.created",
        VERSION: "bank_account.corrected",
        f"verification:{VerificationStatus.VERIFIED}": "bank_account.verified",
        f"verification:{VerificationStatus.FAILED}": "bank_account.verification_failed",
        AccountStatus.OPEN: "bank_account.reopened",
        AccountStatus.CLOSED: "bank_account.closed",
        AccountStatus.BLOCKED: "bank_account.blocked",
    },
    BATCH: {
        MADE: "batch.created",
        _B.APPROVED: "batch.approved",
        _B.SENT: "batch.submitted",
        _B.ACCEPTED: "batch.acknowledged",
        _B.SETTLED: "batch.settled",
        _B.REJECTED: "batch.rejected",
        _B.CANCELLED: "batch.cancelled",
        _B.VOID: "batch.voided",
    },
    FILE: {
        MADE: "file.created",
        _F.PUBLISHED: "file.submitted",
        _F.ACCEPTED: "file.acknowledged",
        _F.REJECTED: "file.rejected",
        _F.HELD: "file.held",
        _F.VOID: "file.voided",
        _F.APPLIED: "file.applied",
        _F.QUARANTINED: "file.quarantined",
    },
    RECONCILIATION: {
        MADE: "reconciliation.received",
        ReconciliationStatus.APPLIED: "reconciliation.applied",
        ReconciliationStatus.QUARANTINED: "reconciliation.quarantined",
    },
    CASE: {MADE: "exception.opened", CaseStatus.RESOLVED: "exception.resolved"},
}
PING = "ping"
KINDS = frozenset(name for names in NAMES.values() for name in names.values())
# Rows of the others are told by an event of their own; theirs would be the second.
MADE_BY_ROW = frozenset({MANDATE, ACCOUNT, BATCH, FILE, RECONCILIATION})


def public_name(event: Event) -> str:
    """Empty where an event is nobody's business outside."""
    names = NAMES.get(event.subject, {})
    if event.kind == "row.insert":
        return names.get(MADE, "") if event.subject in MADE_BY_ROW else ""
    if event.kind == "row.update":
        return _of_columns(event, names)
    if not event.became:
        return ""
    if not event.was:
        return names.get(MADE, "")
    return names.get(f"{event.was}>{event.became}") or names.get(event.became, "")


def may_be(name: str) -> Q:
    """The events that may be called so, and some that are not: `public_name` has the last word."""
    found = Q(pk__in=[])
    for subject, names in NAMES.items():
        for what in (what for what, told in names.items() if told == name):
            found |= Q(subject=subject) & _kept_as(what)
    return found


def _kept_as(what: str) -> Q:
    if what == MADE:
        return Q(was="")
    column, is_column, value = what.partition(":")
    if is_column:
        return Q(kind="row.update", **{f"data__new__{column}": value})
    if what == VERSION:
        return Q(kind="row.update", data__new__has_key=VERSION)
    was, is_move, became = what.partition(">")
    return Q(was=was, became=became) if is_move else Q(became=what)


def _of_columns(event: Event, names: dict[str, str]) -> str:
    new = event.data.get("new", {})
    if VERSION in new and VERSION in names:
        return names[VERSION]
    return names.get(f"verification:{new.get('verification')}", "")
