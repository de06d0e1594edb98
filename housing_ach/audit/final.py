"""How far history can no longer change: what is read up to there is read for good."""

from django.db import connection


def final_txid() -> int:
    """All transactions before it are over; statements from now on see what they did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])
