from django.db import migrations

from housing_ach.audit.operations import AuditRows


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("cases", "0001_initial")]

    operations = [AuditRows("cases_case")]
