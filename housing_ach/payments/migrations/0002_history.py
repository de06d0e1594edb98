"""What a payment is never changes, only where it stands; where its money went is history."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements

# What approval, limits and the payer's permission are about.
TERMS = {
    "payments_order": "kind, tenant_id, lease_id, autopay_id, period_on, cents, made_by_id, made_at",
    "payments_payment": (
        "order_id, fund_id, tenant_id, lease_id, mandate_id, bank_account_id, direction, method,"
        " purpose, sec_code, cents, requested_on, needs_approval, content_sha, made_by_id, made_at"
    ),
}


def fixed(table: str, columns: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            f"""CREATE TRIGGER terms_are_fixed BEFORE UPDATE OF {columns} ON {table}
                FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
            f"""CREATE TRIGGER never_deleted BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER terms_are_fixed",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_deleted",
        ],
        [f"DROP TRIGGER terms_are_fixed ON {table}", f"DROP TRIGGER never_deleted ON {table}"],
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("payments", "0001_initial")]

    operations = [
        *(
            operation(f"payments_{table}")
            for table in ("paymenttarget", "allocation", "release")
            for operation in (AppendOnly, DigestStatements)
        ),
        AuditRows("payments_limit"),
        *(fixed(table, columns) for table, columns in TERMS.items()),
    ]
