"""What the bank said is never changed: a row for each return and each correction, chained."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, DigestStatements


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("returns", "0001_initial")]

    operations = [
        operation(f"returns_{table}")
        for table in ("return", "correction")
        for operation in (AppendOnly, DigestStatements)
    ]
