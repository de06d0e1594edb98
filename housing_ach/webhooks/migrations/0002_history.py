"""What a program was told never changes; events are read from here on."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements, for_roles

TERMS = "endpoint_id, event_id, webhook_id, kind, body, made_at"
GUARD = """
CREATE TRIGGER {name} BEFORE {what} ON webhooks_delivery
    FOR EACH ROW EXECUTE FUNCTION audit_forbid();
ALTER TABLE webhooks_delivery ENABLE ALWAYS TRIGGER {name};
"""
# What happened before there were webhooks is told nobody.
START = """
INSERT INTO webhooks_reader (name, txid, event_id)
    VALUES ('events', pg_current_xact_id()::text::bigint, 0)
"""
KEPT = "webhooks_delivery, webhooks_reader, webhooks_endpoint, webhooks_secret"


def guard(name, what):
    return migrations.RunSQL(
        GUARD.format(name=name, what=what), f"DROP TRIGGER {name} ON webhooks_delivery"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("webhooks", "0001_initial")]

    operations = [
        guard("terms_are_fixed", f"UPDATE OF {TERMS}"),
        guard("never_deleted", "DELETE"),
        migrations.RunSQL(
            for_roles(f"REVOKE DELETE, TRUNCATE ON {KEPT} FROM {{role}}"),
            for_roles(f"GRANT DELETE ON {KEPT} TO {{role}}"),
        ),
        AppendOnly("webhooks_attempt"),
        DigestStatements("webhooks_attempt"),
        AuditRows("webhooks_endpoint"),
        AuditRows("webhooks_secret", "token"),
        migrations.RunSQL(START, "DELETE FROM webhooks_reader WHERE name = 'events'"),
    ]
