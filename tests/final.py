"""Readers of what happened wait until it can no longer change; so do their tests."""

import time

from django.db import connection

PATIENCE_SECONDS = 60


def wait_until_final(last=None):
    """Until no older transaction of the server can still tell before what is committed: of those up
    to `last`, or of all there are now.

    Transactions of every database count, those of tests running beside this one too.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        if last is None:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (last,) = cursor.fetchone()
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > last:
                break
            assert time.monotonic() < end, "a transaction beside this one does not end"
            time.sleep(0.01)
