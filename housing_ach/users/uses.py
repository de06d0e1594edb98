"""How a client fares at the door: kept apart from the client, whose row changes by hand alone."""

from datetime import datetime

from django.db.models import F

from housing_ach.users.models import Client, ClientUse

FAILURE = 100


def note_use(client: Client, *, address: str, at: datetime) -> None:
    told = {"last_used_at": at, "last_address": address or None, "failures": 0}
    ClientUse.objects.update_or_create(client=client, defaults=told)


def note_failure(client: Client, why: str, *, address: str, at: datetime) -> None:
    ClientUse.objects.get_or_create(client=client)
    ClientUse.objects.filter(client=client).update(
        failures=F("failures") + 1,
        last_failed_at=at,
        last_failure=why[:FAILURE],
        last_failed_address=address or None,
    )
