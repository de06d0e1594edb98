"""What money of a lease is about to change is decided under its lock, one writer at a time.

Order of locks: payment, lease, limit, case; each by ascending id.
"""

from collections.abc import Iterable

from django.db import connection

LOCK_LEASES = "SELECT id FROM tenants_lease WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
LOCK_LIMITS = "SELECT id FROM payments_limit ORDER BY id FOR NO KEY UPDATE"


def lock_leases(lease_ids: Iterable[int]) -> list[int]:
    ids = sorted(set(lease_ids))
    with connection.cursor() as cursor:
        cursor.execute(LOCK_LEASES, [ids])
    return ids


def lock_limits() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_LIMITS)
