import json
from itertools import chain

import pytest
from django.db.migrations.state import ProjectState
from psycopg import sql
from psycopg.errors import CheckViolation, InsufficientPrivilege

from housing_ach.audit.chain import broken_links
from housing_ach.audit.move import move
from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements
from tests.audit.door import SHUT, Door, Knock, carry_out, table_sql

DOOR, KNOCK = "audit_tests_door", "audit_tests_knock"


@pytest.fixture
def owner(committed_db):
    sql = [table_sql(Door), table_sql(Knock)]
    with committed_db.connect("owner") as connection:
        for statement in sql:
            connection.execute(statement)
        yield connection


@pytest.fixture
def worker(owner, committed_db):
    with committed_db.connect("worker") as connection:
        yield connection


def told(connection):
    return connection.execute(
        "SELECT kind, subject_id, data FROM audit_event"
        " WHERE subject = 'audit_tests.door' ORDER BY id"
    ).fetchall()


def digests(connection):
    return connection.execute(
        "SELECT row_count, first_id, last_id FROM audit_digest WHERE table_name = %s ORDER BY id",
        [KNOCK],
    ).fetchall()


def test_each_changed_row_tells_what_was_and_is(owner, worker):
    carry_out(owner, AuditRows(DOOR))

    worker.execute("INSERT INTO audit_tests_door (status, knocks, note) VALUES ('OPEN', 0, '')")
    worker.execute("UPDATE audit_tests_door SET status = 'SHUT', knocks = 2")
    worker.execute("DELETE FROM audit_tests_door")

    first, second, third = told(worker)
    assert first[:2] == ("row.insert", "1")
    assert first[2]["new"]["status"] == "OPEN"
    assert second == (
        "row.update",
        "1",
        {
            "old": {"status": "OPEN", "knocks": 0},
            "new": {"status": "SHUT", "knocks": 2},
            "secret": [],
        },
    )
    assert third[:2] == ("row.delete", "1")
    assert third[2]["old"]["status"] == "SHUT"


def test_a_bulk_update_tells_of_each_row_with_one_digest(owner, worker):
    carry_out(owner, AuditRows(DOOR))
    worker.execute(
        "INSERT INTO audit_tests_door (status, knocks, note)"
        " SELECT 'OPEN', n, '' FROM generate_series(1, 50) n"
    )
    (before,) = worker.execute("SELECT count(*) FROM audit_digest").fetchone()

    worker.execute("UPDATE audit_tests_door SET knocks = 7")

    changed = [data for kind, _pk, data in told(worker) if kind == "row.update"]
    assert len(changed) == 49
    assert worker.execute("SELECT count(*) FROM audit_digest").fetchone() == (before + 1,)


def test_a_secret_columns_value_is_never_told_but_its_change_is(owner, worker):
    carry_out(owner, AuditRows(DOOR, "note"))

    worker.execute("INSERT INTO audit_tests_door (status, knocks, note) VALUES ('OPEN', 0, 'key7')")
    worker.execute("UPDATE audit_tests_door SET note = 'key8'")
    worker.execute("DELETE FROM audit_tests_door")

    assert "key" not in json.dumps([data for _kind, _pk, data in told(worker)])
    assert told(worker)[1][2] == {"old": {}, "new": {}, "secret": ["note"]}


def test_a_changed_key_tells_of_both(owner, worker):
    carry_out(owner, AuditRows(DOOR))
    worker.execute("INSERT INTO audit_tests_door (status, knocks, note) VALUES ('OPEN', 0, '')")

    worker.execute("UPDATE audit_tests_door SET id = 9")

    assert sorted(pk for kind, pk, _data in told(worker) if kind == "row.update") == ["1", "9"]


def test_an_audited_table_is_not_emptied_unseen(owner):
    carry_out(owner, AuditRows(DOOR))

    with pytest.raises(InsufficientPrivilege):
        owner.execute("TRUNCATE audit_tests_door")


def test_a_table_without_a_model_cannot_be_audited():
    with pytest.raises(LookupError, match="nowhere"):
        AuditRows("nowhere").forwards(ProjectState())


@pytest.mark.parametrize("change", ["UPDATE {} SET door = 2", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["app", "worker", "owner", "superuser"])
def test_an_append_only_table_is_only_added_to(owner, committed_db, change, role):
    carry_out(owner, AppendOnly(KNOCK))
    owner.execute("INSERT INTO audit_tests_knock (door) VALUES (1)")

    with committed_db.connect(role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(sql.SQL(change).format(sql.Identifier(KNOCK)))


def test_each_statement_of_a_bulk_table_leaves_one_digest(owner, worker):
    carry_out(owner, DigestStatements(KNOCK))

    worker.execute("INSERT INTO audit_tests_knock (door) SELECT generate_series(1, 100)")
    worker.execute("INSERT INTO audit_tests_knock (door) VALUES (1), (2)")
    worker.execute("INSERT INTO audit_tests_knock (door) SELECT 1 WHERE false")

    assert digests(worker) == [(100, 1, 100), (2, 101, 102)]


def test_copy_leaves_a_digest_too(owner, worker):
    carry_out(owner, DigestStatements(KNOCK))

    with worker.cursor().copy("COPY audit_tests_knock (door) FROM STDIN") as copy:
        for number in range(5):
            copy.write_row((number,))

    assert digests(worker) == [(5, 1, 5)]


def test_ids_that_overlap_within_a_transaction_are_refused(owner, worker):
    carry_out(owner, DigestStatements(KNOCK))

    with worker.transaction():
        worker.execute("INSERT INTO audit_tests_knock (id, door) VALUES (7, 1), (9, 1)")
        with pytest.raises(CheckViolation, match="overlap"), worker.transaction():
            worker.execute("INSERT INTO audit_tests_knock (id, door) VALUES (8, 1)")


def test_a_move_and_the_trail_of_its_row_share_a_statement(owner, committed_db, anchors):
    carry_out(owner, AuditRows(DOOR))
    door = Door.objects.create()

    move(door, SHUT)

    assert [kind for kind, _pk, _data in told(owner)] == ["row.insert", "door.shut", "row.update"]
    assert broken_links() == []


def test_a_made_up_transaction_id_is_refused(owner, worker):
    carry_out(owner, DigestStatements(KNOCK))

    with pytest.raises(InsufficientPrivilege, match="txid"):
        worker.execute("INSERT INTO audit_tests_knock (door, txid) VALUES (1, '5')")


def test_taking_the_operations_back_leaves_a_plain_table(owner, worker):
    operations = [AuditRows(DOOR), AppendOnly(KNOCK), DigestStatements(KNOCK)]
    for operation in operations:
        carry_out(owner, operation)

    for statement in chain.from_iterable(operation.backwards() for operation in operations):
        owner.execute(statement)

    worker.execute("INSERT INTO audit_tests_knock (door) VALUES (1)")
    worker.execute("UPDATE audit_tests_knock SET door = 2")
    worker.execute("DELETE FROM audit_tests_knock")
    assert digests(worker) == []
