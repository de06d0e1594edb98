"""Every operation on every audited table, whoever owns it, yields an event."""

import pytest
from psycopg import sql

SAMPLES = {
    "boolean": "true", "uuid": "gen_random_uuid()", "date": "current_date", "jsonb": "'{}'",
    "timestamp with time zone": "now()", "time without time zone": "localtime", "bytea": "'x'",
    "xid8": "pg_current_xact_id()", "inet": "'127.0.0.1'",
    "character varying[]": "'{}'", "integer[]": "'{}'", "smallint[]": "'{}'",
}  # fmt: skip
CONTROL = {"users_user", "users_user_groups", "auth_group_permissions", "otp_totp_totpdevice",
           "vault_datakey", "clock_clock"}  # fmt: skip


@pytest.fixture
def superuser(committed_db):
    with committed_db.connect("superuser") as connection:
        yield connection


def test_who_may_do_what_and_when_it_is_are_audited(superuser):
    assert set(audited_tables(superuser)) >= CONTROL


def test_every_operation_on_every_audited_table_yields_an_event(superuser):
    silent = [
        (table, told)
        for table in audited_tables(superuser)
        if (told := kinds_told(superuser, table)) != ["row.delete", "row.insert", "row.update"]
    ]

    assert silent == []


def audited_tables(connection):
    rows = connection.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit_update' ORDER BY 1"
    )
    return [name for (name,) in rows]


def kinds_told(connection, table):
    """What an INSERT, an UPDATE and a DELETE of one made-up row leave; all is rolled back."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role = replica")
        columns = describe(connection, table)
        forget_rules(connection, table)
        (before,) = connection.execute("SELECT max(id) FROM audit_event").fetchone()
        key, value = next((name, sample(kind)) for name, kind, is_key in columns if is_key)
        other = next(name for name, _kind, is_key in columns if not is_key)
        insert(connection, table, columns)
        names = sql.Identifier(table), sql.Identifier(other)
        where = sql.SQL(" WHERE {} = {}").format(sql.Identifier(key), sql.SQL(value))
        connection.execute(sql.SQL("UPDATE {} SET {} = NULL").format(*names) + where)
        connection.execute(sql.SQL("DELETE FROM {}").format(names[0]) + where)
        rows = connection.execute(
            "SELECT DISTINCT kind FROM audit_event WHERE id > %s ORDER BY 1", [before]
        )
        return [kind for (kind,) in rows]


def insert(connection, table, columns):
    values = {name: sample(kind) for name, kind, _key in columns}
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.SQL, values.values())),
        )
    )


def sample(kind):
    return SAMPLES.get(kind, "'x'" if kind.startswith(("character", "text")) else "31000")


def forget_rules(connection, table):
    """The made-up row keeps none of the table's rules, which are not what is asked here."""
    rules = connection.execute(
        """WITH t AS (SELECT %s::text AS name)
           SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I', name, conname)
               FROM t JOIN pg_constraint ON conrelid = name::regclass AND contype = 'c'
           UNION ALL SELECT format('ALTER TABLE %%I ALTER %%I DROP NOT NULL', name, attname)
               FROM t JOIN pg_attribute ON attrelid = name::regclass AND attnum > 0 AND attnotnull
               WHERE attnum <> ALL (SELECT unnest(indkey) FROM pg_index
                   WHERE indrelid = name::regclass AND indisprimary)
           UNION ALL SELECT format('DROP TRIGGER %%I ON %%I', tgname, name)
               FROM t JOIN pg_trigger ON tgrelid = name::regclass
               WHERE NOT tgisinternal AND tgname NOT LIKE 'audit%%'""",
        [table],
    )
    for (statement,) in rules.fetchall():
        connection.execute(statement)


def describe(connection, table):
    return connection.execute(
        """SELECT a.attname, format_type(a.atttypid, NULL), i.indrelid IS NOT NULL
           FROM pg_attribute a LEFT JOIN pg_index i
               ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey)
           WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attgenerated = '' ORDER BY a.attnum""",
        [table],
    ).fetchall()
