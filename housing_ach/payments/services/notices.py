"""Debits outside the authorized range: their payers are told amount and date ten days ahead (Reg E,
12 CFR 1005.10(d)), or they are held until somebody has seen to it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from housing_ach.audit.move import record
from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import Mandate, Notice
from housing_ach.mandates.selectors import NOTICE_DAYS, first_lawful_day
from housing_ach.mandates.services import want_notice
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import out_of_range, untold
from housing_ach.payments.services.made import PAYMENT
from housing_ach.payments.services.refusals import DateNotAllowed, NoNoticeNeeded, NoticeRequired
from housing_ach.payments.services.steps import find_due, work_out
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.business_days import is_banking_day, roll_forward
from housing_ach.shared.money import dollars
from housing_ach.users.models import User

# Charges are there this long before they fall due, which leaves two days to send the notice.
CHARGED = timedelta(days=12)
WANT = """
INSERT INTO mandates_notice (mandate_id, kind, cents, debit_on, wanted_at, template_version)
SELECT DISTINCT plan.mandate_id, 'VARYING_AMOUNT', asked.notice_cents, plan.effective_on,
    %(at)s::timestamptz, ''
FROM autopay_asked asked JOIN autopay_plan plan USING (autopay_id)
WHERE asked.hold = 'NOTICE_REQUIRED'
ORDER BY plan.mandate_id
ON CONFLICT DO NOTHING
RETURNING id
"""


@transaction.atomic
def plan_notices(*, on: date, at: datetime) -> list[int]:
    """Ask for the notices of autopay debits which can still be told in time; returns the new ones.

    An amount that changes later needs a notice of its own, or the debit is held.
    """
    with connection.cursor() as cursor:
        leases = find_due(cursor, on + NOTICE_DAYS, on + CHARGED, at=at)
        if not leases:
            return []
        work_out(cursor, leases)
        cursor.execute(WANT, {"at": at})
        return [pk for (pk,) in cursor.fetchall()]


@transaction.atomic
def reschedule_for_notice(
    payment: Payment, *, by: User, at: datetime, debit_on: date | None = None
) -> Notice:
    """Move a held debit to a banking day that can still be told in time, the first unless named, and
    ask for its notice. What was held with it moves along; all stays held until it is released.

    Raises NoNoticeNeeded or DateNotAllowed.
    """
    ids = held_with(payment)
    rows = list(Payment.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    found = [row for row in out_of_range(ids) if row.payment_id == payment.pk]
    if not found or any(row.status != PaymentStatus.HELD for row in rows):
        raise NoNoticeNeeded(
            f"payment: #{payment.pk} is not held for want of a notice",
            field="payment",
            ids=[payment.pk],
        )
    day = _lawful(debit_on or first_debit_day(at), at)
    Payment.objects.filter(pk__in=ids).update(effective_on=day)
    for row in rows:
        record("payment.rescheduled", row, data={"from": row.effective_on, "to": day, "by": by.pk})
    payment.refresh_from_db()
    mandate = Mandate.objects.get(pk=found[0].mandate_id)
    return want_notice(mandate=mandate, cents=found[0].notice_cents, debit_on=day, at=at)


def first_debit_day(at: datetime) -> date:
    """The first banking day of a debit whose payer is told today."""
    return roll_forward(first_lawful_day(at))


def require_told(payment_ids: Sequence[int], *, on: date, at: datetime) -> None:
    """Raises NoticeRequired, with the first day that can still be told in time."""
    for row in untold(payment_ids, on=on):
        raise NoticeRequired(
            f"effective_on: {dollars(row.notice_cents)} on {on} is outside the authorized range and was"
            f" not told ten days before; told today, it can be debited from {first_debit_day(at)} on",
            field="effective_on",
            ids=[row.payment_id],
        )


def held_with(payment: Payment) -> list[int]:
    """The payment, and those of its order that wait for the same notice: one decision for all."""
    case = _case_of(payment)
    named = case.facts.get("payments", []) if case else []
    held = Payment.objects.filter(pk__in=named, status=PaymentStatus.HELD)
    return sorted({payment.pk, *held.values_list("pk", flat=True)})


def hand_over(payment: Payment, *, at: datetime) -> None:
    """Before the case about a payment ends: those that wait with it have one of their own."""
    case = _case_of(payment)
    rest = [pk for pk in held_with(payment) if pk != payment.pk]
    if case and rest and case.subject_id == str(payment.pk):
        open_case(
            CaseKind.NOTICE_REQUIRED,
            PAYMENT,
            rest[0],
            case.summary,
            at=at,
            suggested_fix=case.suggested_fix,
            facts={**case.facts, "payments": rest},
            cents=case.cents,
        )


def _case_of(payment: Payment) -> Case | None:
    of_order = Payment.objects.filter(order=payment.order_id).values_list("pk", flat=True)
    cases = Case.objects.open().filter(
        kind=CaseKind.NOTICE_REQUIRED,
        subject=PAYMENT,
        subject_id__in=[str(pk) for pk in of_order],
    )
    return next((row for row in cases if payment.pk in row.facts.get("payments", [])), None)


def _lawful(day: date, at: datetime) -> date:
    if day < first_lawful_day(at) or not is_banking_day(day):
        raise DateNotAllowed(
            f"debit_on: {day} is no banking day from {first_debit_day(at)} on, ten days after a notice"
            " of today",
            field="debit_on",
        )
    return day
