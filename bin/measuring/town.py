"""Ten thousand payers with rent to pay, and what the API is made of, called from within."""

import time
from collections.abc import Sequence
from datetime import date, datetime
from math import ceil
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request

from bin.measuring.grow import grow, obey
from housing_ach.api.authentication import BearerToken
from housing_ach.api.serializers.money import BatchSerializer
from housing_ach.api.submissions import Asked, submit
from housing_ach.clock import services as clock
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.states import MandateStatus
from housing_ach.sandbox import staff, world
from housing_ach.shared.business_days import new_york_at
from housing_ach.tenants.services import raise_charges
from housing_ach.users.clients import Proof, approve_client, register_client
from housing_ach.users.states import ClientAuth, Scope
from housing_ach.webhooks.services import add_endpoint, ping, send_waiting
from housing_ach.webhooks.states import DeliveryStatus

START = date(2026, 3, 25)
RENT_DAY = date(2026, 4, 1)
# Built one by one; the rest are made of them.
LEASES = 500


class Town:
    """Each time its payers are asked for another amount. `superuser` is a URL of its database."""

    def __init__(self, count: int, *, superuser: str) -> None:
        self.at: datetime = clock.start(new_york_at(START, datetime.min.time()))
        with transaction.atomic():
            world.build(
                seed=7, leases=min(count * 6 // 5, LEASES), start=START, at=self.at, fates=()
            )
            clerk, checker = staff.create()
            raise_charges(on=START, at=self.at)
        with psycopg.connect(superuser, autocommit=True) as connection:
            grow(connection, months=1, times=ceil(count / len(_payers())))
            obey(connection)
        self.items = [_item(*payer) for payer in _payers()[:count]]
        self.cents = 100
        self.client, self.secret = register_client(
            name="Bench",
            scopes=[Scope.READ, Scope.WRITE],
            proof=Proof(ClientAuth.SECRET),
            by=clerk,
            at=self.at,
        )
        approve_client(self.client, by=checker, at=self.at)

    def wishes(self, count: int) -> list[dict[str, Any]]:
        self.cents += 1
        run = uuid4().hex[:8]
        return [
            {**item, "external_id": f"{run}-{number}", "amount": self.cents}
            for number, item in enumerate(self.items[:count])
        ]

    def submit(self, items: Sequence[dict[str, Any]]) -> float:
        """Seconds of the service behind the door."""
        asked = BatchSerializer(data=body_of(items))
        asked.is_valid(raise_exception=True)
        began = time.perf_counter()
        with transaction.atomic():
            submit(asked.validated_data["items"], Asked(self.client), at=self.at)
        return time.perf_counter() - began

    def deliver(self, url: str, count: int) -> float:
        """Webhooks a second."""
        endpoint, _ = add_endpoint(client=self.client, url=url, at=self.at)
        for _ in range(count):
            ping(endpoint, at=self.at)
        began = time.perf_counter()
        send_waiting(at=self.at)
        took = time.perf_counter() - began
        sent = endpoint.deliveries.filter(status=DeliveryStatus.DELIVERED).count()
        if sent != count:
            raise SystemExit(f"{sent} of {count} webhooks were taken")
        return count / took


def body_of(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    total = sum(item["amount"] for item in items)
    return {"count": len(items), "total_amount": total, "items": list(items)}


def queries_of_a_check(authorization: str) -> int:
    """Of a token this process has seen the key of, beside the one for the client's row."""
    given = RequestFactory().get("/", headers={"Authorization": authorization})
    check = BearerToken().authenticate
    check(Request(given))
    with CaptureQueriesContext(connection) as asked:
        check(Request(given))
    return len([query for query in asked if "users_client" not in query["sql"]])


def _payers() -> list[tuple[int, str, str]]:
    """Permission, tenant and lease of everybody with rent on the first and a permission in force."""
    rows = Mandate.objects.filter(
        status=MandateStatus.ACTIVE,
        lease__schedules__day_of_month=1,
        lease__schedules__starts_on__lte=RENT_DAY,
    )
    return list(rows.order_by("pk").values_list("pk", "tenant__external_id", "lease__external_id"))


def _item(mandate_id: int, tenant: str, lease: str) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "lease": lease,
        "mandate": str(mandate_id),
        "currency": "USD",
        "effective_date": RENT_DAY.isoformat(),
    }
