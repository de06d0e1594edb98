"""Orders as a program asks for them: by what they are, and by what became of their payments."""

import re
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, QuerySet
from django.db.models.functions import Cast
from rest_framework.request import Request

from housing_ach.api import filtering
from housing_ach.api.filtering import Filter, Filters, Wrong
from housing_ach.audit.models import Event
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus, public, statuses_of
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind

RETURN_CODE = re.compile("R[0-9]{2}")
WORDS = {public(status): statuses_of([public(status)]) for status in PaymentStatus}


class IsAmong(Func):
    """Found first, then looked up one by one: whatever is guessed of their number, by the index."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def orders() -> QuerySet[Order]:
    return Order.objects.select_related("tenant", "lease")


def orders_asked_for(request: Request) -> tuple[QuerySet[Order], str]:
    """And what the list is of. What is asked of payments, one of the order's has to be all at once."""
    query = request.query_params
    asked = FILTERS.asked(query)
    rows = orders().filter(*(wanted for name, wanted in asked.items() if name in OF_ORDER))
    if of_payment := {name: wanted for name, wanted in asked.items() if name in OF_PAYMENT}:
        payments = Payment.objects.filter(*of_payment.values())
        is_poll = "updated_since" in of_payment
        rows = rows.filter(_paid_by_few(payments) if is_poll else _paid_by(payments))
    return rows, filtering.place_of(FILTERS.names, query)


def _paid_by(payments: QuerySet[Payment]) -> Exists:
    return Exists(payments.filter(order=OuterRef("pk")))


def _paid_by_few(payments: QuerySet[Payment]) -> IsAmong:
    return IsAmong(F("pk"), ArraySubquery(payments.values("order")))


def _kind(given: str) -> str:
    return str(filtering.one_of({kind: kind for kind in OrderKind.values})(given.upper()))


def _came_back_with(given: str) -> QuerySet[Any]:
    if not RETURN_CODE.fullmatch(given):
        raise Wrong("A return code of Nacha, as R01.")
    rows = Return.objects.filter(code=given, kind=ReturnKind.RETURN, entry__payment__isnull=False)
    return rows.values("entry__payment")


def _changed_since(given: str) -> IsAmong:
    """History alone knows when something happened to a payment; it tells by the wall's clock."""
    events = Event.objects.filter(
        subject=Payment._meta.label_lower, at__gte=filtering.instant(given)
    )
    ids = events.annotate(payment=Cast("subject_id", BigIntegerField())).values("payment")
    return IsAmong(F("pk"), ArraySubquery(ids.distinct()))


OF_ORDER = {
    "external_id": Filter("external_id"),
    "tenant": Filter("tenant__external_id"),
    "lease": Filter("lease__external_id"),
    "property": Filter("lease__unit__property__external_id"),
    "batch_id": Filter("submission", filtering.number),
    "kind": Filter("kind", _kind),
    "created_from": Filter("made_at__gte", filtering.instant),
    "created_to": Filter("made_at__lte", filtering.instant),
}
OF_PAYMENT = {
    "status": Filter("status__in", filtering.one_of(WORDS)),
    "direction": Filter("direction", filtering.lower(Direction.values)),
    "effective_from": Filter("effective_on__gte", filtering.day),
    "effective_to": Filter("effective_on__lte", filtering.day),
    "return_code": Filter("pk__in", _came_back_with),
    "updated_since": Filter("", _changed_since),
}
FILTERS = Filters(
    OF_ORDER | OF_PAYMENT,
    spans=(("created_from", "created_to"), ("effective_from", "effective_to")),
)
