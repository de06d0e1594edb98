"""The one row, and the trigger that keeps it from moving back."""

from django.db import migrations

from housing_ach.audit.operations import AuditRows

# Null is wall time. A clock still on wall time may be set back once, to begin a simulation, as
# long as no job has ever run by it.
NEVER_BACK = """
CREATE FUNCTION clock_never_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        RAISE EXCEPTION 'the clock is not deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF coalesce(new.frozen_at, clock_timestamp()) < coalesce(old.frozen_at, clock_timestamp())
        AND (old.frozen_at IS NOT NULL OR EXISTS (SELECT FROM clock_run)) THEN
        RAISE EXCEPTION 'the clock never moves back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN new;
END $$
"""
TRIGGER = """
CREATE TRIGGER never_back BEFORE UPDATE OR DELETE ON clock_clock
    FOR EACH ROW EXECUTE FUNCTION clock_never_back()
"""


class Migration(migrations.Migration):
    dependencies = [("clock", "0001_initial"), ("audit", "0002_triggers")]

    operations = [
        AuditRows("clock_clock"),
        migrations.RunSQL(
            [NEVER_BACK, TRIGGER, "ALTER TABLE clock_clock ENABLE ALWAYS TRIGGER never_back"],
            ["DROP TRIGGER never_back ON clock_clock", "DROP FUNCTION clock_never_back()"],
        ),
        migrations.RunSQL("INSERT INTO clock_clock (id) VALUES (1) ON CONFLICT DO NOTHING", migrations.RunSQL.noop),
    ]
