"""What an endpoint was told, and what it said: for whoever looks why something did not arrive."""

import re
from datetime import date, time, timedelta

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from housing_ach.shared.business_days import new_york_at
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint
from housing_ach.webhooks.states import DeliveryStatus

MOST = 100
DIGITS = re.compile(r"\d(?:[ -]?\d){4,}")
SECRETS = re.compile(r"whsec_[\w+/=]+|(?i:bearer)\s+[\w.~+/=-]+")
HIDDEN = "\N{BULLET}" * 4


def listed_endpoints() -> QuerySet[Endpoint]:
    """With `last_at`, of the last try, and `failed`, what was given up."""
    tries = Attempt.objects.filter(delivery__endpoint=OuterRef("pk")).order_by()
    last = tries.values("delivery__endpoint").values(at=Max("at"))
    lost = Delivery.objects.filter(endpoint=OuterRef("pk"), status=DeliveryStatus.FAILED)
    counted = lost.order_by().values("endpoint").values(count=Count("*"))
    return Endpoint.objects.select_related("client").annotate(
        last_at=Subquery(last), failed=Subquery(counted)
    )


def attempts_of(endpoint: Endpoint) -> QuerySet[Attempt]:
    """The newest MOST."""
    rows = Attempt.objects.filter(delivery__endpoint=endpoint).select_related("delivery")
    return rows.order_by("-pk")[:MOST]


def deliveries_between(
    endpoint: Endpoint, first: date, last: date, *, failed_only: bool
) -> QuerySet[Delivery]:
    """Of events of these days in New York, both included."""
    begin, end = new_york_at(first, time()), new_york_at(last + timedelta(days=1), time())
    rows = endpoint.deliveries.filter(made_at__gte=begin, made_at__lt=end)
    return rows.filter(status=DeliveryStatus.FAILED) if failed_only else rows


def redacted(text: str) -> str:
    """An answer may repeat what should not be seen: numbers as long as an account's, and secrets."""
    return DIGITS.sub(HIDDEN, SECRETS.sub(HIDDEN, text))
