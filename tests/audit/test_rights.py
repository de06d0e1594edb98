"""History is only added to, whoever asks: by right for the runtime roles, by trigger for all."""

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

HISTORY = ("audit_event", "audit_digest", "audit_chain")
CHANGES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
)
COLUMN = {"audit_chain": "seq"}
ROLES = ("app", "worker", "owner", "superuser")


def statement(text, table):
    names = {"table": sql.Identifier(table), "column": sql.Identifier(COLUMN.get(table, "id"))}
    return sql.SQL(text).format(**names)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", HISTORY)
def test_nobody_changes_history(database, role, change, table):
    with database.connect(role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement(change, table))


@pytest.mark.parametrize("table", HISTORY)
def test_replica_mode_does_not_switch_the_triggers_off(database, table):
    with database.connect("superuser") as connection:
        connection.execute("SET session_replication_role = replica")

        with pytest.raises(InsufficientPrivilege, match="history is only added to"):
            connection.execute(statement(CHANGES[1], table))


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize("table", ["audit_digest", "audit_chain"])
def test_the_runtime_roles_write_no_links(database, role, table):
    with database.connect(role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement("INSERT INTO {table} DEFAULT VALUES", table))


@pytest.mark.parametrize("column", ["actor", "txid", "at", "id"])
def test_an_events_actor_time_and_transaction_are_the_databases_to_say(database, column):
    with database.connect("worker") as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(
            sql.SQL("INSERT INTO audit_event (kind, {}) VALUES ('x', DEFAULT)").format(
                sql.Identifier(column)
            )
        )


@pytest.mark.parametrize("function", ["audit_digest", "audit_link", "audit_rows"])
@pytest.mark.parametrize("role", ["app", "worker"])
def test_the_runtime_roles_hang_no_trigger_of_ours_on_a_table_of_theirs(database, role, function):
    with database.connect(role) as connection:
        connection.execute("CREATE TEMP TABLE mine (id bigint)")

        with pytest.raises(InsufficientPrivilege):
            connection.execute(
                sql.SQL(
                    "CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION {}()"
                ).format(sql.Identifier(function))
            )


@pytest.mark.parametrize("role", ["app", "worker"])
def test_the_runtime_roles_switch_no_trigger_off(database, role):
    with database.connect(role) as connection, pytest.raises(psycopg.Error, match="must be owner"):
        connection.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
