"""Reminders before a debit, as many days ahead as the policy of its property says.

Debits that were made are told as they are; those of plans as they would be made today. Each is told
once for each of the days; what is late is told late, but only the nearest of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from housing_ach.mandates.models import Autopay
from housing_ach.notices.models import Message
from housing_ach.notices.services.drafts import (
    AMOUNT,
    DATE,
    ENDING,
    Draft,
    link,
    queue,
    sender_of,
)
from housing_ach.notices.services.payments import by_order, charge_rows, payer_debits, rows_of
from housing_ach.notices.states import Kind
from housing_ach.notices.templatetags.letters import Cents
from housing_ach.payments.models import Payment
from housing_ach.payments.services.steps import find_due, work_out
from housing_ach.payments.states import Direction, PaymentStatus
from housing_ach.shared.business_days import DAY, new_york_date
from housing_ach.tenants.models import Property
from housing_ach.tenants.selectors import effective_policies

# Not what is held: nobody knows yet whether it goes.
GOING = (PaymentStatus.SCHEDULED, PaymentStatus.BATCHED, PaymentStatus.SENT, PaymentStatus.ACCEPTED)
# The nearest of the property's days that has come, where it was not told yet.
WANTED = """
CREATE TEMPORARY TABLE notices_wanted ON COMMIT DROP AS
SELECT * FROM (
    SELECT DISTINCT ON (due.autopay_id) due.autopay_id,
        'autopay:' || due.autopay_id || ':' || due.effective_on || ':' || told.days AS occasion
    FROM autopay_due due
    JOIN tenants_lease lease ON lease.id = due.lease_id
    JOIN tenants_unit unit ON unit.id = lease.unit_id
    JOIN unnest(%(properties)s::bigint[], %(days)s::int[]) told (property_id, days)
        ON told.property_id = unit.property_id
    WHERE due.effective_on > %(on)s AND due.effective_on - told.days <= %(on)s
    ORDER BY due.autopay_id, told.days
) wanted
WHERE NOT EXISTS (
    SELECT FROM notices_message m
    WHERE m.kind = 'UPCOMING_DEBIT' AND m.occasion = wanted.occasion
)
"""
REST = "DELETE FROM autopay_due WHERE autopay_id NOT IN (SELECT autopay_id FROM notices_wanted)"
FOUND = """
SELECT autopay_id, occasion, plan.cents, plan.effective_on
FROM notices_wanted JOIN autopay_plan plan USING (autopay_id)
WHERE plan.cents > 0 ORDER BY autopay_id
"""
CHARGES = """
SELECT target.autopay_id, target.kind, sum(target.cents)::bigint
FROM autopay_target target JOIN notices_wanted USING (autopay_id)
WHERE target.share_id IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Forecast:
    """What a plan would take if it ran today."""

    autopay_id: int
    occasion: str
    cents: int
    debit_on: date


def plan_upcoming(*, on: date, at: datetime) -> None:
    """Queue what is due to be told on the day. Again and beside another, nothing is told twice."""
    days = _days_by_property()
    furthest = max((max(told) for told in days.values() if told), default=0)
    if not furthest:
        return
    queue(_made(days, on, furthest), at=at)
    forecasts, charges = _forecasts(days, on, furthest, at)
    queue(_planned(forecasts, charges), at=at)


def _days_by_property() -> dict[int, tuple[int, ...]]:
    policies = effective_policies(Property.objects.values_list("pk", flat=True))
    return {pk: policy.reminder_days.value for pk, policy in policies.items()}


def _made(days: Mapping[int, Sequence[int]], on: date, furthest: int) -> list[Draft]:
    payments = Payment.objects.filter(
        status__in=GOING,
        direction=Direction.DEBIT,
        cents__gt=0,
        effective_on__gt=on,
        effective_on__lte=on + furthest * DAY,
    )
    home = "lease__unit__property_id"
    made = ("order_id", "effective_on", home, "order__autopay_id", "order__made_at")
    wanted: dict[str, int] = {}
    for order_id, debit_on, property_id, autopay_id, made_at in payments.values_list(*made):
        ahead = _nearest(days[property_id], debit_on, on)
        # Who asked for tomorrow's debit today knows of it.
        if ahead and (autopay_id or new_york_date(made_at) < debit_on - ahead * DAY):
            wanted[f"order:{order_id}:{debit_on}:{ahead}"] = order_id
    told = Message.objects.filter(kind=Kind.UPCOMING_DEBIT, occasion__in=list(wanted))
    for occasion in set(told.values_list("occasion", flat=True)):
        del wanted[occasion]
    orders = by_order(payer_debits().filter(order__in=wanted.values(), status__in=GOING))
    return [
        _of_order(orders[order_id], occasion)
        for occasion, order_id in wanted.items()
        if order_id in orders
    ]


def _nearest(days: Sequence[int], debit_on: date, on: date) -> int | None:
    """Of the days ahead on which a debit is told, the last that has come."""
    return min((ahead for ahead in days if debit_on - ahead * DAY <= on), default=None)


def _of_order(payments: Sequence[Payment], occasion: str) -> Draft:
    first = payments[0]
    return Draft(
        kind=Kind.UPCOMING_DEBIT,
        occasion=occasion,
        tenant=first.tenant,
        about=first,
        facts={
            "forecast": False,
            "cents": sum(payment.cents for payment in payments),
            "debit_on": first.effective_on,
        },
        rows=rows_of(payments),
        page=link("portal:payment", pk=first.pk),
        page_words=_("See, change or cancel this payment"),
        sender=sender_of(first.lease),
    )


@transaction.atomic
def _forecasts(
    days: Mapping[int, Sequence[int]], on: date, furthest: int, at: datetime
) -> tuple[list[Forecast], dict[int, dict[str, int]]]:
    """What plans would take for which no debit was made; as the run would work it out, and undone."""
    pairs = [(pk, ahead) for pk, told in days.items() for ahead in told]
    given = {
        "properties": [pk for pk, _ahead in pairs],
        "days": [ahead for _pk, ahead in pairs],
        "on": on,
    }
    charges: defaultdict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        if not find_due(cursor, on + DAY, on + furthest * DAY, at=at):
            return [], charges
        leases = _wanted(cursor, given)
        if not leases:
            return [], charges
        work_out(cursor, leases)
        cursor.execute(FOUND)
        found = [Forecast(*row) for row in cursor.fetchall()]
        cursor.execute(CHARGES)
        for autopay_id, kind, cents in cursor.fetchall():
            charges[autopay_id][kind] = cents
    return found, charges


def _wanted(cursor: CursorWrapper, given: Mapping[str, Any]) -> list[int]:
    cursor.execute("DROP TABLE IF EXISTS notices_wanted")
    cursor.execute(WANTED, given)
    cursor.execute(REST)
    cursor.execute("SELECT lease_id FROM autopay_due")
    return [pk for (pk,) in cursor.fetchall()]


def _planned(
    forecasts: Sequence[Forecast], charges: Mapping[int, Mapping[str, int]]
) -> list[Draft]:
    plans = Autopay.objects.select_related(
        "mandate__tenant__user", "mandate__bank_account", "mandate__lease__unit__property"
    ).in_bulk([forecast.autopay_id for forecast in forecasts])
    return [
        _of_plan(plans[forecast.autopay_id], forecast, charges.get(forecast.autopay_id, {}))
        for forecast in forecasts
    ]


def _of_plan(plan: Autopay, forecast: Forecast, charges: Mapping[str, int]) -> Draft:
    mandate = plan.mandate
    return Draft(
        kind=Kind.UPCOMING_DEBIT,
        occasion=forecast.occasion,
        tenant=mandate.tenant,
        about=plan,
        facts={"forecast": True, "cents": forecast.cents, "debit_on": forecast.debit_on},
        rows=(
            (AMOUNT, Cents(forecast.cents)),
            (DATE, forecast.debit_on),
            (ENDING, mandate.bank_account.last_four or "••"),
            *charge_rows(charges, forecast.cents),
        ),
        page=link("portal:autopay"),
        page_words=_("See, skip or change this payment"),
        sender=sender_of(mandate.lease),
    )
