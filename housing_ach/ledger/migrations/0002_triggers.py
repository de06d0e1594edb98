"""What keeps the books true whoever writes: one fund a transfer, open periods, balances, history."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements, for_roles

SIDES = {"journal_id": "ledger_journal", "debit_id": "ledger_account", "credit_id": "ledger_account"}

# FOR SHARE waits for a closing under way, and the closing waits for postings under way.
OPEN_PERIOD = """
CREATE FUNCTION ledger_open_period() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    late record;
BEGIN
    PERFORM FROM ledger_fund WHERE id IN (SELECT fund_id FROM fresh) ORDER BY id FOR SHARE;
    SELECT f.code, f.closed_through, j.effective_on INTO late
        FROM fresh j JOIN ledger_fund f ON f.id = j.fund_id
        WHERE j.effective_on <= f.closed_through LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'period is closed' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'period_is_open',
            DETAIL = format('%s is in the closed period of %s, which ends %s',
                late.effective_on, late.code, late.closed_through);
    END IF;
    RETURN NULL;
END $$
"""

# One UPDATE of each account a statement, in the order of ids: two postings wait, never deadlock.
# A plan made while the table was empty would be a sequential scan cached for the session.
BALANCES = """
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO ledger_balance AS b (account_id, cents)
    SELECT account_id, sum(cents) FROM (
        SELECT debit_id AS account_id, cents FROM fresh
        UNION ALL
        SELECT credit_id, -cents FROM fresh
    ) moved
    GROUP BY account_id ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE SET cents = b.cents + excluded.cents;
    RETURN NULL;
END $$
"""


def constrain(column: str, table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""ALTER TABLE ledger_transfer ADD CONSTRAINT transfer_{column}_is_of_its_fund
            FOREIGN KEY ({column}, fund_id) REFERENCES {table} (id, fund_id)""",
        f"ALTER TABLE ledger_transfer DROP CONSTRAINT transfer_{column}_is_of_its_fund",
    )


def watch(table: str, function: str, body: str) -> migrations.RunSQL:
    """Run the function after each INSERT on the table; its rows are `fresh`."""
    return migrations.RunSQL(
        [
            body,
            f"REVOKE EXECUTE ON FUNCTION {function}() FROM PUBLIC",
            f"""CREATE TRIGGER {function} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
                FOR EACH STATEMENT EXECUTE FUNCTION {function}()""",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {function}",
        ],
        [f"DROP TRIGGER {function} ON {table}", f"DROP FUNCTION {function}()"],
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("ledger", "0001_initial")]

    operations = [
        *(constrain(column, table) for column, table in SIDES.items()),
        watch("ledger_journal", "ledger_open_period", OPEN_PERIOD),
        watch("ledger_transfer", "ledger_balances", BALANCES),
        migrations.RunSQL(
            for_roles("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_balance FROM {role}"),
            for_roles("GRANT INSERT, UPDATE, DELETE ON ledger_balance TO {role}"),
        ),
        *(
            operation(f"ledger_{table}")
            for table in ("account", "journal", "transfer")
            for operation in (AppendOnly, DigestStatements)
        ),
        AuditRows("ledger_fund"),
    ]
