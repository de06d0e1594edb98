"""Payments become entries of a batch: set-based, and no payment ever blocks another."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F

from housing_ach.audit.move import move_all
from housing_ach.bank.models import Window
from housing_ach.bank.selectors import effective_date
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.selectors import contents
from housing_ach.batches.services.eject import by_reason, eject_all
from housing_ach.batches.services.windows import require_open
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.states import CaseKind
from housing_ach.payments.models import Payment
from housing_ach.payments.services import check_still_payable, hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.models import User

RETRY = "RETRY PYMT"
LEFT = "its payment was held after the batch was made"
NO_ENTRY = "its lease, tenant or account does not fit into an entry"

DUE = """
    SELECT p.id FROM payments_payment p
    JOIN ledger_fund f ON f.id = p.fund_id
    JOIN bank_company c ON c.id = f.company_id
    WHERE p.status = 'SCHEDULED' AND p.method = 'ACH'
        AND c.profile_id = %s AND p.effective_on <= %s
    ORDER BY p.id FOR UPDATE OF p
"""

# Lease and tenant stand in the individual id, which comes back with a return: never cut.
FITTING = """
    SELECT p.id AS payment_id, p.fund_id, f.company_id, p.sec_code, p.direction, p.requested_on,
        CASE WHEN p.retries > 0 THEN %(retry)s ELSE p.purpose END AS description,
        v.id AS version_id, p.attempts + 1 AS attempt, p.retries > 0 AS is_retry, p.cents,
        CASE v.account_type WHEN 'CHECKING' THEN '2' WHEN 'SAVINGS' THEN '3' END
            || CASE WHEN p.direction = 'CREDIT' THEN '2' WHEN p.purpose = 'PRENOTE' THEN '8' ELSE '7' END
            AS transaction_code,
        coalesce(nullif(v.individual_id, ''),
            'L' || lpad(p.lease_id::text, 7, '0') || 'T' || lpad(p.tenant_id::text, 6, '0')
        ) AS individual_id,
        left(v.holder_name, 22) AS name
    FROM payments_payment p
    JOIN ledger_fund f ON f.id = p.fund_id
    JOIN mandates_bankaccount a ON a.id = p.bank_account_id
    JOIN mandates_bankaccountversion v ON v.account_id = a.id AND v.version = a.version
    WHERE p.id = ANY(%(ids)s) AND p.lease_id < 10^7 AND p.tenant_id < 10^6
"""

GROUPS = f"""
    SELECT DISTINCT fund_id, company_id, sec_code, direction, description, requested_on
    FROM ({FITTING}) fitting ORDER BY 1, 3, 5, 6
"""  # noqa: S608

PLAN = f"""
    INSERT INTO batches_entry (batch_id, payment_id, account_version_id, attempt, is_retry, cents,
        transaction_code, individual_id, name, status, reason, trace)
    SELECT b.id, e.payment_id, e.version_id, e.attempt, e.is_retry, e.cents,
        e.transaction_code, e.individual_id, e.name, 'PLANNED', '', ''
    FROM ({FITTING}) e
    JOIN batches_batch b USING (fund_id, sec_code, direction, description, requested_on)
    WHERE b.id = ANY(%(batches)s)
    ORDER BY e.payment_id
    RETURNING payment_id
"""  # noqa: S608


def build(*, window: Window, on: date, at: datetime, by: User) -> list[Batch]:
    """Draft batches of every scheduled payment due by the window's effective date on `on`.

    Raises PastCutOff. A payment that may not go, or cannot become an entry, is HELD with a Case.
    Waits for a build under way in another process, and then finds nothing left to do.
    """
    require_open(window, on, at)
    effective_on = effective_date(window, on)
    with transaction.atomic():
        _drop_left_plans(window, at=at)
        due = _lock_due(window, effective_on)
        due = hold_refused(due, check_still_payable(due, on=effective_on), at=at)
        return draft(due, window=window, on=on, at=at, by=by)


def draft(due: Sequence[int], *, window: Window, on: date, at: datetime, by: User) -> list[Batch]:
    """Batches of payments that may go, which the caller has locked."""
    batches = _open_batches(due, window=window, on=on, at=at, by=by)
    planned = _plan(due, batches)
    hold_refused(due, dict.fromkeys(set(due) - planned, (CaseKind.ENTRY_EJECTED, NO_ENTRY)), at=at)
    move_all(
        Payment,
        PaymentStatus.BATCHED,
        ids=sorted(planned),
        from_=PaymentStatus.SCHEDULED,
        strict=True,
        attempts=F("attempts") + 1,
        effective_on=effective_date(window, on),
    )
    _sum_up(batches)
    return batches


def _lock_due(window: Window, effective_on: date) -> list[int]:
    """A same-day window takes nothing by itself: same-day is asked for payment by payment."""
    if window.same_day:
        return []
    with connection.cursor() as cursor:
        cursor.execute(DUE, [window.profile_id, effective_on])
        return [pk for (pk,) in cursor.fetchall()]


def _drop_left_plans(window: Window, *, at: datetime) -> None:
    """A payment held while it was batched leaves its planned entry behind: it gets a new one."""
    left = Entry.objects.filter(
        status=EntryStatus.PLANNED,
        payment__status=PaymentStatus.SCHEDULED,
        batch__company__profile=window.profile_id,
    )
    eject_all(dict.fromkeys(left.values_list("pk", flat=True), (CaseKind.HOLD, LEFT)), at=at)


def hold_refused(
    payment_ids: Sequence[int], refused: Mapping[int, tuple[CaseKind, str]], *, at: datetime
) -> list[int]:
    """Hold what was refused, with a Case each; returns the rest."""
    for (kind, reason), ids in by_reason(refused).items():
        hold(ids, kind=kind, reason=reason, at=at)
    return [pk for pk in payment_ids if pk not in refused]


def _open_batches(
    payment_ids: Sequence[int], *, window: Window, on: date, at: datetime, by: User
) -> list[Batch]:
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, {"ids": list(payment_ids), "retry": RETRY})
        groups = cursor.fetchall()
    terms = ("fund_id", "company_id", "sec_code", "direction", "description", "requested_on")
    return Batch.objects.bulk_create(
        Batch(
            **dict(zip(terms, group, strict=True)),
            window=window,
            processing_on=on,
            effective_on=effective_date(window, on),
            made_by=by,
            made_at=at,
        )
        for group in groups
    )


def _plan(payment_ids: Sequence[int], batches: Iterable[Batch]) -> set[int]:
    with connection.cursor() as cursor:
        opened = [batch.pk for batch in batches]
        cursor.execute(PLAN, {"ids": list(payment_ids), "retry": RETRY, "batches": opened})
        return {pk for (pk,) in cursor.fetchall()}


def _sum_up(batches: Sequence[Batch]) -> None:
    found = contents([batch.pk for batch in batches])
    for batch in batches:
        content = found[batch.pk]
        batch.entry_count, batch.cents, batch.content_sha = content
    Batch.objects.bulk_update(batches, ["entry_count", "cents", "content_sha"])
