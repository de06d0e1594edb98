"""What somebody was told never changes; events are read from here on."""

from django.db import migrations

from housing_ach.audit.operations import AuditRows, for_roles

TERMS = (
    "kind, template_version, language, recipient, tenant_id, user_id, subject, subject_id, event_id,"
    " occasion, title, body, html, sha256, queued_at"
)
GUARD = """
CREATE TRIGGER {name} BEFORE {what} ON notices_message
    FOR EACH ROW EXECUTE FUNCTION audit_forbid();
ALTER TABLE notices_message ENABLE ALWAYS TRIGGER {name};
"""
# What happened before there were messages is told nobody.
START = """
INSERT INTO notices_reader (name, txid, event_id)
    VALUES ('events', pg_current_xact_id()::text::bigint, 0)
"""


def guard(name, what):
    return migrations.RunSQL(
        GUARD.format(name=name, what=what), f"DROP TRIGGER {name} ON notices_message"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("notices", "0001_initial")]

    operations = [
        guard("terms_are_fixed", f"UPDATE OF {TERMS}"),
        guard("never_deleted", "DELETE"),
        migrations.RunSQL(
            for_roles("REVOKE DELETE, TRUNCATE ON notices_message, notices_reader FROM {role}"),
            for_roles("GRANT DELETE ON notices_message, notices_reader TO {role}"),
        ),
        AuditRows("notices_preference"),
        migrations.RunSQL(START, "DELETE FROM notices_reader WHERE name = 'events'"),
    ]
