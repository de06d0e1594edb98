"""A small lived-in database made large by SQL: every row again, under other ids, at other times.

What is repeated keeps its shape (returns, retries, cases, corrections as often as before), so that a
page of the large database holds what a page of the small one does. Rules and foreign keys are off
while it grows, and stay off unless `obey` is asked: it is for measuring, never for books that count.
"""

from collections.abc import Collection, Iterator
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection, sql

# Of a lease's life: what happens again every month.
LIFE = [
    "tenants_charge",
    "tenants_chargeshare",
    "payments_order",
    "payments_payment",
    "payments_paymenttarget",
    "payments_allocation",
    "payments_release",
    "batches_batch",
    "batches_entry",
    "batches_bankfile",
    "batches_evidence",
    "returns_return",
    "returns_correction",
    "cases_case",
    "ledger_journal",
    "ledger_transfer",
    "audit_event",
]
# What another lease brings with it.
LEASE = [
    "tenants_unit",
    "tenants_lease",
    "tenants_leaseshare",
    "tenants_tenant",
    "tenants_chargeschedule",
    "mandates_bankaccount",
    "mandates_bankaccountversion",
    "mandates_mandate",
    "mandates_autopay",
    "mandates_autopaypause",
    "ledger_account",
    "ledger_balance",
]
DATES = frozenset({"date", "timestamp with time zone"})
# Ids that stand in text: the tables they point to decide by how much they grow.
SUBJECTS = {
    "payments.payment": "payments_payment",
    "payments.order": "payments_order",
    "batches.batch": "batches_batch",
    "batches.bankfile": "batches_bankfile",
    "batches.entry": "batches_entry",
    "returns.return": "returns_return",
    "cases.case": "cases_case",
    "tenants.charge": "tenants_charge",
    "tenants.lease": "tenants_lease",
    "tenants.tenant": "tenants_tenant",
    "mandates.mandate": "mandates_mandate",
    "mandates.bankaccount": "mandates_bankaccount",
    "mandates.autopay": "mandates_autopay",
}
# What is past is over: no exception stays open for a year, and nothing stays planned that long.
LIVED_DAYS = 40
# Between the first days of two months there is never a multiple of it: one charge a period stays one.
DAYS_BACK = 25
PAST: list[LiteralString] = [
    """
    UPDATE cases_case SET status = 'RESOLVED', resolution = 'Done', resolved_at = opened_at,
        resolved_by_id = (SELECT min(id) FROM users_user)
    WHERE status = 'OPEN'
        AND opened_at < (SELECT max(opened_at) FROM cases_case) - make_interval(days => %(days)s)
    """,
    """
    UPDATE payments_payment SET status = 'CANCELLED'
    WHERE status = 'SCHEDULED'
        AND effective_on < (SELECT max(effective_on) FROM payments_payment) - %(days)s
    """,
]
# {0} is the value as it was, {1} what the copy's ids differ by.
SPECIAL: dict[tuple[str, str], LiteralString] = {
    ("tenants_tenant", "user_id"): "NULL::bigint",
    ("ledger_account", "lease"): "CASE {0} WHEN 0 THEN 0 ELSE {0} + {1} END",
    ("ledger_account", "party"): (
        "CASE WHEN {0} ~ '^(tenant|batch):' THEN split_part({0}, ':', 1) || ':'"
        " || split_part({0}, ':', 2)::bigint + {1} ELSE {0} || '-' || k END"
    ),
    ("batches_entry", "trace_serial"): "{0} + {1}",
    (
        "batches_entry",
        "trace",
    ): "CASE {0} WHEN '' THEN '' ELSE lpad((t.id + {1})::text, 15, '0') END",
    ("returns_return", "return_trace"): "lpad((t.id + {1})::text, 15, '0')",
    ("returns_correction", "correction_trace"): "lpad((t.id + {1})::text, 15, '0')",
    ("batches_bankfile", "origin"): "lpad((t.id + {1})::text, 10, '0')",
    ("batches_bankfile", "sha256"): "encode(sha256(({0} || ({1}))::bytea), 'hex')",
}
# Rows of set-up happened once.
WHICH: dict[str, LiteralString] = {"audit_event": "t.kind NOT LIKE 'row.%'"}
COLUMNS = """
    SELECT c.table_name, c.column_name, c.data_type, f.table_name
    FROM information_schema.columns c
    LEFT JOIN (
        SELECT DISTINCT k.conrelid::regclass::text AS of, a.attname AS column_name,
            k.confrelid::regclass::text AS table_name
        FROM pg_constraint k
        CROSS JOIN unnest(k.conkey, k.confkey) AS pair (here, there)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
        JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.there
        WHERE k.contype = 'f' AND b.attname = 'id'
    ) f ON f.of = c.table_name AND f.column_name = c.column_name
    WHERE c.table_schema = 'public' AND c.table_name = ANY(%s)
    ORDER BY c.table_name, c.ordinal_position
"""
UNIQUE_TEXTS = """
    SELECT DISTINCT i.indrelid::regclass::text, a.attname
    FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
    WHERE i.indisunique AND (a.atttypmod = -1 OR a.atttypmod > 40) AND a.atttypid IN ('varchar'::regtype, 'text'::regtype)
        AND i.indrelid::regclass::text = ANY(%s)
"""


class Column(NamedTuple):
    table: str
    name: str
    type: str
    points_to: str | None


def grow(connection: Connection[Any], *, months: int, times: int) -> None:
    """`months` times the life of each lease, then `times` as many leases with all of theirs."""
    for table in [*LIFE, *LEASE]:
        connection.execute(
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table))
        )
    _repeat(connection, LIFE, times=months, days_back=DAYS_BACK)
    for statement in PAST:
        connection.execute(statement, {"days": LIVED_DAYS})
    _repeat(connection, [*LIFE, *LEASE], times=times, days_back=0)
    for table in [*LIFE, *LEASE]:
        _move_sequence(connection, table)
    connection.execute("VACUUM ANALYZE")


def obey(connection: Connection[Any]) -> None:
    """Rules and foreign keys hold again for what is written from now on."""
    for table in [*LIFE, *LEASE]:
        connection.execute(
            sql.SQL("ALTER TABLE {} ENABLE TRIGGER ALL").format(sql.Identifier(table))
        )


def _repeat(
    connection: Connection[Any], tables: Collection[str], *, times: int, days_back: int
) -> None:
    if times < 2:
        return
    columns = [Column(*row) for row in connection.execute(COLUMNS, [list(tables)])]
    unique = {tuple(row) for row in connection.execute(UNIQUE_TEXTS, [list(tables)])}
    span = _span(connection, tables)
    for table in tables:
        own = [column for column in columns if column.table == table]
        if not own:
            raise LookupError(table)
        values = [
            _value(column, tables, span, days_back, is_unique=(table, column.name) in unique)
            for column in own
        ]
        connection.execute(
            sql.SQL(
                "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values}"
                " FROM {table} t, generate_series(1, {last}) AS k WHERE {which}"
            ).format(
                table=sql.Identifier(table),
                names=sql.SQL(", ").join(sql.Identifier(column.name) for column in own),
                values=sql.SQL(", ").join(values),
                last=sql.Literal(times - 1),
                which=sql.SQL(WHICH.get(table, "true")),
            )
        )


def _span(connection: Connection[Any], tables: Collection[str]) -> int:
    """By so much the ids of each copy differ from those of the one before: more than any id."""
    largest = 0
    for table in tables:
        if table != "ledger_balance":
            found = connection.execute(
                sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table))
            ).fetchone()
            largest = max(largest, found[0] if found else 0)
    return largest + 1


def _value(
    column: Column, tables: Collection[str], span: int, days_back: int, *, is_unique: bool
) -> sql.Composable:
    name = sql.Identifier("t", column.name)
    more = sql.SQL("k * {}").format(sql.Literal(span))
    if column.name == "id" or column.points_to in tables:
        return sql.SQL("{} + {}").format(name, more)
    if special := _special(column, tables, name, more):
        return special
    if column.type == "uuid":
        return sql.SQL("md5({}::text || ({}))::uuid").format(name, more)
    if column.type in DATES and days_back:
        return sql.SQL("({} - k * {} * interval '1 day')::{}").format(
            name, sql.Literal(days_back), sql.SQL(column.type)
        )
    if is_unique:
        return sql.SQL("CASE {0} WHEN '' THEN '' ELSE {0} || '-' || {1} END").format(name, more)
    return name


def _special(
    column: Column, tables: Collection[str], name: sql.Composable, more: sql.Composable
) -> sql.Composable | None:
    """Ids that are no foreign keys, and what must differ in its own way."""
    if column.name == "subject_id":
        return _subject(tables, name, more)
    written = SPECIAL.get((column.table, column.name))
    return sql.SQL(written).format(name, more) if written else None


def _subject(tables: Collection[str], name: sql.Composable, more: sql.Composable) -> sql.Composable:
    grown = [label for label, table in SUBJECTS.items() if table in tables]
    return sql.SQL(
        "CASE WHEN t.subject = ANY({0}) AND {1} ~ '^[0-9]+$' THEN ({1}::bigint + {2})::text"
        " ELSE {1} || '-' || {2} END"
    ).format(sql.Literal(grown), name, more)


def _move_sequence(connection: Connection[Any], table: str) -> None:
    if table != "ledger_balance":
        connection.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))"
            ).format(sql.Literal(table), sql.Identifier(table))
        )


def counts(connection: Connection[Any]) -> Iterator[tuple[str, int]]:
    for table in ("payments_payment", "tenants_lease", "ledger_transfer", "audit_event"):
        found = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        ).fetchone()
        yield table, found[0] if found else 0
