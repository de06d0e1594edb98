"""The bytes of a paper never change, and no paper that was asked for goes away."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, DigestStatements, for_roles


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("reports", "0001_initial")]

    operations = [
        AppendOnly("reports_content"),
        DigestStatements("reports_content"),
        migrations.RunSQL(
            for_roles("REVOKE DELETE, TRUNCATE ON reports_document FROM {role}"),
            for_roles("GRANT DELETE ON reports_document TO {role}"),
        ),
    ]
