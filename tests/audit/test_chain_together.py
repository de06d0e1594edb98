"""Commits at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from housing_ach.audit.chain import broken_links, head
from housing_ach.audit.models import Digest

KNOCK = """
    INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
    VALUES ('door.knocked', 'audit_tests.door', '1', '', '', '{}')
"""
DEVICE = """
    INSERT INTO otp_static_staticdevice (user_id, name, confirmed, throttling_failure_count)
    SELECT id, 'codes', true, 0 FROM users_user
"""


@pytest.mark.parametrize("role", ["app", "worker"])
def test_many_at_once_make_one_chain_without_a_gap(committed_db, role):
    def knock(_turn):
        with committed_db.connect(role) as connection:
            for _ in range(10):
                with connection.transaction():
                    connection.execute(KNOCK)
                    connection.execute(KNOCK)

    before = head().seq
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(knock, range(5)))

    assert head().seq == before + 100
    assert broken_links() == []


def test_a_commit_that_waits_for_a_row_holds_up_no_other(committed_db):
    """The first checks a foreign key against a row that the second holds until it has committed."""
    with committed_db.connect(autocommit=False) as first, committed_db.connect() as watch:
        first.execute(KNOCK)
        with committed_db.connect(autocommit=False) as second, ThreadPoolExecutor(1) as pool:
            second.execute("SELECT FROM users_user FOR UPDATE")
            second.execute(KNOCK)
            first.execute(DEVICE)
            waiting = pool.submit(first.commit)
            wait_for(watch, first.info.backend_pid)
            second.commit()
            waiting.result(timeout=10)

    assert Digest.objects.filter(link=None).count() == 0
    assert broken_links() == []


def wait_for(connection, pid):
    """Until that session waits for a lock."""
    end = datetime.now(UTC) + timedelta(seconds=10)
    query = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
    while connection.execute(query, [pid]).fetchone() != (True,):
        assert datetime.now(UTC) < end
