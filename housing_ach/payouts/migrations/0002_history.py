"""Every try is kept as it was; what was asked for is never changed or taken away."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, DigestStatements

TABLE = "payouts_microdeposits"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("payouts", "0001_initial")]

    operations = [
        AppendOnly("payouts_microdeposittry"),
        DigestStatements("payouts_microdeposittry"),
        migrations.RunSQL(
            [
                f"""CREATE TRIGGER terms_are_fixed BEFORE UPDATE OF bank_account_id, order_id ON {TABLE}
                    FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
                f"""CREATE TRIGGER never_deleted BEFORE DELETE ON {TABLE}
                    FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
                f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER terms_are_fixed",
                f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER never_deleted",
            ],
            [f"DROP TRIGGER terms_are_fixed ON {TABLE}", f"DROP TRIGGER never_deleted ON {TABLE}"],
        ),
    ]
