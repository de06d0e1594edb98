from django.db import migrations

from housing_ach.audit.operations import AuditRows


class Migration(migrations.Migration):
    dependencies = [("bank", "0001_initial"), ("audit", "0002_triggers")]

    operations = [
        AuditRows("bank_bankprofile"),
        AuditRows("bank_window"),
        AuditRows("bank_company"),
    ]
