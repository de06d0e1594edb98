"""No entry of a lease that is not live is ever frozen into a file, whoever tries."""

from django.db import migrations

# Who changes a rollout waits for this transaction, or was first and is seen.
ONLY_LIVE = """
CREATE FUNCTION batches_only_live() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off record;
BEGIN
    PERFORM FROM tenants_property WHERE id IN (
        SELECT r.property_id FROM fresh e
        JOIN payments_payment p ON p.id = e.payment_id
        JOIN tenants_leaserollout r ON r.lease_id = p.lease_id
        WHERE e.status = 'FROZEN'
    ) ORDER BY id FOR SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT e.id, r.rollout INTO off FROM fresh e
        JOIN payments_payment p ON p.id = e.payment_id
        JOIN tenants_leaserollout r ON r.lease_id = p.lease_id
        WHERE e.status = 'FROZEN' AND r.rollout <> 'LIVE' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is of a lease that is %', off.id, off.rollout
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_live_leases_are_frozen';
    END IF;
    RETURN NULL;
END $$
"""


def trigger(op: str) -> list[str]:
    return [
        f"""CREATE TRIGGER only_live_{op} AFTER {op.upper()} ON batches_entry
            REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION batches_only_live()""",
        f"ALTER TABLE batches_entry ENABLE ALWAYS TRIGGER only_live_{op}",
    ]


class Migration(migrations.Migration):
    dependencies = [("batches", "0002_history"), ("tenants", "0004_rollout")]

    operations = [
        migrations.RunSQL(
            [ONLY_LIVE, *trigger("insert"), *trigger("update")],
            [
                "DROP TRIGGER only_live_insert ON batches_entry",
                "DROP TRIGGER only_live_update ON batches_entry",
                "DROP FUNCTION batches_only_live()",
            ],
        ),
    ]
