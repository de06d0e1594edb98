import hashlib
import logging
from itertools import pairwise

import pytest
from django.db import transaction

from housing_ach.audit.chain import anchor, broken_links, head
from housing_ach.audit.models import Chain, Digest, Event
from housing_ach.audit.move import record

TABLES = ("audit_event", "audit_digest", "audit_chain")


@pytest.fixture
def history(committed_db):
    """Three transactions, the second of two statements."""
    record("door.knocked", "audit_tests.door", 1)
    with transaction.atomic():
        record("door.opened", "audit_tests.door", 1)
        record("door.shut", "audit_tests.door", 1)
    record("door.knocked", "audit_tests.door", 2, {"loud": 'déjà vu \\ "(,\n'})
    return committed_db


@pytest.fixture
def tamper(history):
    """What a superuser can do who switches our triggers off."""

    def run(statement, table):
        with history.connect("superuser") as connection, connection.transaction():
            names = connection.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A'",
                [table],
            ).fetchall()
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            connection.execute(statement)
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            for (name,) in names:
                connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")

    return run


def last():
    return Event.objects.latest("id"), Digest.objects.latest("id"), Chain.objects.latest("seq")


def test_untouched_history_is_whole(history):
    assert broken_links() == []


def test_every_statement_is_linked_in_the_order_of_commits(history):
    links = list(Chain.objects.order_by("seq"))

    assert [link.seq for link in links] == list(range(len(links)))
    assert [link.digest_id for link in links[1:]] == list(
        Digest.objects.values_list("id", flat=True).order_by("id")
    )
    assert all(after.prev == before.hash for before, after in pairwise(links))


def test_history_within_an_open_transaction_is_whole_too(db):
    record("door.knocked", "audit_tests.door", 1)

    assert broken_links() == []


def test_what_is_rolled_back_leaves_no_gap(history):
    before = head().seq
    transaction.set_autocommit(False)
    record("door.knocked", "audit_tests.door", 3)
    transaction.rollback()
    transaction.set_autocommit(True)

    record("door.knocked", "audit_tests.door", 4)

    assert head().seq == before + 1
    assert broken_links() == []


def test_an_edited_event_is_named(tamper):
    event, digest, _link = last()

    tamper(f"UPDATE audit_event SET actor = 'user:1' WHERE id = {event.pk}", "audit_event")

    rows = f"audit_event {event.pk}..{event.pk}"
    assert broken_links() == [f"digest {digest.pk}: the rows {rows} were changed"]


def test_a_deleted_event_is_named(tamper):
    event, digest, _link = last()

    tamper(f"DELETE FROM audit_event WHERE id = {event.pk}", "audit_event")

    rows = f"audit_event {event.pk}..{event.pk}"
    assert broken_links() == [f"digest {digest.pk}: 1 of the rows {rows} are gone"]


def test_an_event_slipped_in_is_named(tamper):
    tamper(
        "INSERT INTO audit_event (id, kind, subject, subject_id, was, became, data)"
        " VALUES (9000, 'door.blessed', 'audit_tests.door', '1', '', '', '{}')",
        "audit_event",
    )

    assert broken_links() == ["audit_event 9000: is in no digest"]


def test_an_event_slipped_into_an_old_transaction_is_named(tamper):
    first, second = Event.objects.filter(kind__in=["door.opened", "door.shut"]).order_by("id")
    assert first.txid == second.txid

    tamper(
        f"INSERT INTO audit_event (id, txid, kind, subject, subject_id, was, became, data)"
        f" VALUES (9000, '{first.txid}', 'x', 'y', '1', '', '', '{{}}')",
        "audit_event",
    )

    assert broken_links() == ["audit_event 9000: is in no digest"]


def test_an_edited_digest_is_named_by_its_link(tamper):
    _event, digest, link = last()

    tamper(f"UPDATE audit_digest SET actor = 'user:1' WHERE id = {digest.pk}", "audit_digest")

    found = f"chain {link.seq}: its digest {digest.pk} or its hash was changed"
    assert broken_links() == [found]


def test_a_deleted_digest_is_named_with_the_rows_it_covered(tamper):
    event, digest, link = last()

    tamper(f"DELETE FROM audit_digest WHERE id = {digest.pk}", "audit_digest")

    assert broken_links() == [
        f"chain {link.seq}: its digest {digest.pk} is gone",
        f"audit_event {event.pk}: is in no digest",
    ]


def test_a_deleted_link_is_named(tamper):
    _event, _digest, link = last()
    gone = link.seq - 1

    tamper(f"DELETE FROM audit_chain WHERE seq = {gone}", "audit_chain")

    found = broken_links()
    assert found[0] == f"chain {gone}: gone, the next link is {link.seq}"
    assert len(found) == 2


def test_a_link_hung_elsewhere_is_named(tamper):
    _event, _digest, link = last()
    first = Chain.objects.get(seq=1)

    tamper(
        f"UPDATE audit_chain SET prev = '\\x{bytes(first.hash).hex()}' WHERE seq = {link.seq}",
        "audit_chain",
    )

    assert f"chain {link.seq}: does not follow the link before it" in broken_links()


def test_a_link_forged_with_a_true_hash_breaks_the_next_one(tamper):
    _event, _digest, link = last()
    forged = hashlib.sha256(b"forged").hexdigest()

    tamper(f"UPDATE audit_chain SET hash = '\\x{forged}' WHERE seq = {link.seq - 1}", "audit_chain")

    assert f"chain {link.seq}: does not follow the link before it" in broken_links()


def test_a_digest_without_a_link_is_named(tamper):
    _event, digest, link = last()

    tamper(f"DELETE FROM audit_chain WHERE seq = {link.seq}", "audit_chain")

    assert broken_links() == [f"digest {digest.pk}: is in no link of the chain"]


def cut_the_tail(tamper):
    event, digest, link = last()
    tamper(f"DELETE FROM audit_chain WHERE seq = {link.seq}", "audit_chain")
    tamper(f"DELETE FROM audit_digest WHERE id = {digest.pk}", "audit_digest")
    tamper(f"DELETE FROM audit_event WHERE id = {event.pk}", "audit_event")
    return link.seq


def test_a_tail_cut_off_whole_shows_against_the_anchor(tamper):
    anchor()

    seq = cut_the_tail(tamper)

    assert broken_links() == [f"chain {seq}: gone, though it was anchored"]


def test_a_tail_written_anew_shows_against_the_anchor(tamper):
    anchor()
    seq = cut_the_tail(tamper)

    record("door.knocked", "audit_tests.door", 2)

    assert broken_links() == [f"chain {seq}: is not the link that was anchored"]


def test_a_line_of_the_anchor_file_that_was_damaged_is_named(history, anchors):
    anchor()
    with anchors.open("a") as file:
        file.write("0123 5\n")

    assert broken_links() == ["anchor file, line 2: cannot be read"]


def test_an_anchor_file_that_cannot_be_written_stops_no_one(history, settings, tmp_path, caplog):
    settings.AUDIT_ANCHOR_FILE = tmp_path

    with caplog.at_level(logging.INFO):
        assert anchor() == head()

    assert "Is a directory" in caplog.text


def test_a_trigger_that_is_switched_off_is_named(history):
    with history.connect("owner") as connection:
        connection.execute("ALTER TABLE users_user DISABLE TRIGGER audit_update")
        connection.execute("ALTER TABLE audit_event ENABLE REPLICA TRIGGER append_only_rows")

    assert broken_links() == [
        "audit_event: its trigger append_only_rows is switched off",
        "users_user: its trigger audit_update is switched off",
    ]


def test_an_anchor_of_another_database_says_nothing_here(history, anchors):
    anchors.write_text(f"{'0' * 64} 5 {'1' * 64}\n")

    assert broken_links() == []


def test_the_anchor_is_the_head_in_the_log_and_in_the_file(history, anchors, caplog):
    with caplog.at_level(logging.INFO):
        seq, hash_ = anchor()

    assert (seq, hash_) == head()
    assert f"seq={seq} hash={hash_}" in caplog.text
    assert anchors.read_text().split()[1:] == [str(seq), hash_]


def test_a_column_added_later_leaves_old_digests_true(history):
    with history.connect("owner") as connection:
        connection.execute("ALTER TABLE audit_event ADD colour text NOT NULL DEFAULT 'red'")
    record("door.knocked", "audit_tests.door", 5)

    assert broken_links() == []


def test_a_dropped_column_is_told(history):
    with history.connect("owner") as connection:
        connection.execute("ALTER TABLE audit_event DROP COLUMN was")

    assert broken_links() == ["audit_event: the table or its columns was are gone"]


def test_an_empty_chain_is_told(tamper):
    tamper("DELETE FROM audit_chain", "audit_chain")

    assert broken_links()[0] == "chain 0: the chain is empty"
