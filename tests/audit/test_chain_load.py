from time import monotonic

from django.db import connection, transaction

from housing_ach.audit.chain import broken_links, head

# One statement, so one digest and one link, for each event.
KNOCKS = """
    DO $$ BEGIN FOR n IN 1..%s LOOP
        INSERT INTO audit_event (kind, subject, subject_id, was, became, data)
        VALUES ('door.knocked', 'audit_tests.door', n, '', '', '{}');
    END LOOP; END $$
"""


def seconds(events):
    began = monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(KNOCKS % events)
    return monotonic() - began


def test_ten_times_the_events_of_a_transaction_take_about_ten_times_as_long(committed_db):
    """A plan made for an empty chain is a sequential scan, cached for the session: then it is 120."""
    few, many = seconds(2_000), seconds(20_000)

    assert many < 35 * few
    assert head().seq > 22_000
    assert broken_links() == []
