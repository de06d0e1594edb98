"""Charges are history, have shares, and the shares sum to them; set-up leaves a trail row by row."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements

SET_UP = ("property", "unit", "tenant", "lease", "leaseshare", "chargeschedule", "membership")

SHARES_SUM = """
CREATE FUNCTION tenants_shares_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off record;
BEGIN
    SELECT c.id, c.cents, s.cents AS shared INTO off
        FROM (
            SELECT charge_id, sum(cents) AS cents FROM tenants_chargeshare
            WHERE charge_id IN (SELECT charge_id FROM fresh) GROUP BY charge_id
        ) s JOIN tenants_charge c ON c.id = s.charge_id
        WHERE c.cents <> s.cents LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the shares of charge % sum to %, not %', off.id, off.shared, off.cents
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shares_sum_to_the_charge';
    END IF;
    RETURN NULL;
END $$
"""

# At COMMIT, as the shares come after their charge.
HAS_SHARES = """
CREATE FUNCTION tenants_has_shares() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tenants_chargeshare WHERE charge_id = new.id) THEN
        RAISE EXCEPTION 'charge % has no shares', new.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'charge_has_shares';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                SHARES_SUM,
                """CREATE TRIGGER shares_sum AFTER INSERT ON tenants_chargeshare
                    REFERENCING NEW TABLE AS fresh
                    FOR EACH STATEMENT EXECUTE FUNCTION tenants_shares_sum()""",
                "ALTER TABLE tenants_chargeshare ENABLE ALWAYS TRIGGER shares_sum",
            ],
            [
                "DROP TRIGGER shares_sum ON tenants_chargeshare",
                "DROP FUNCTION tenants_shares_sum()",
            ],
        ),
        migrations.RunSQL(
            [
                HAS_SHARES,
                """CREATE CONSTRAINT TRIGGER has_shares AFTER INSERT ON tenants_charge
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION tenants_has_shares()""",
                "ALTER TABLE tenants_charge ENABLE ALWAYS TRIGGER has_shares",
            ],
            ["DROP TRIGGER has_shares ON tenants_charge", "DROP FUNCTION tenants_has_shares()"],
        ),
        *(
            operation(f"tenants_{table}")
            for table in ("charge", "chargeshare")
            for operation in (AppendOnly, DigestStatements)
        ),
        *(AuditRows(f"tenants_{table}") for table in SET_UP),
    ]
