"""What a client said never changes, nor what became of each of its lines."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements, for_roles

TABLE = "reconciliation_reconciliation"
TERMS = "client_id, form, sha256, size, sealed, made_at"
GUARD = f"""
CREATE TRIGGER {{name}} BEFORE {{what}} ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION audit_forbid();
ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {{name}};
"""


def guard(name, what):
    return migrations.RunSQL(
        GUARD.format(name=name, what=what), f"DROP TRIGGER {name} ON {TABLE}"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("reconciliation", "0001_initial")]

    operations = [
        guard("terms_are_fixed", f"UPDATE OF {TERMS}"),
        guard("never_deleted", "DELETE"),
        migrations.RunSQL(
            for_roles(f"REVOKE DELETE, TRUNCATE ON {TABLE} FROM {{role}}"),
            for_roles(f"GRANT DELETE ON {TABLE} TO {{role}}"),
        ),
        AuditRows(TABLE, "sealed"),
        AppendOnly("reconciliation_line"),
        DigestStatements("reconciliation_line"),
    ]
