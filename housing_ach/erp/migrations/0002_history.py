"""What was planned never changes; a day's postings are one chain; who is posted to is audited."""

from django.db import migrations

from housing_ach.audit.operations import AuditRows, for_roles

TERMS = (
    "target_id, fund_id, day, after_txid, until_txid, source_ref, codes, content_sha256,"
    " line_count, debit_cents, credit_cents"
)
GUARD = """
CREATE TRIGGER {name} BEFORE {what} ON erp_posting
    FOR EACH ROW EXECUTE FUNCTION audit_forbid();
ALTER TABLE erp_posting ENABLE ALWAYS TRIGGER {name};
"""
CHAIN = """
ALTER TABLE erp_posting ADD CONSTRAINT erp_posting_begins_where_one_ended
    FOREIGN KEY (target_id, fund_id, day, after_txid)
    REFERENCES erp_posting (target_id, fund_id, day, until_txid)
"""
KEPT = "erp_target, erp_posting"


def guard(name, what):
    return migrations.RunSQL(
        GUARD.format(name=name, what=what), f"DROP TRIGGER {name} ON erp_posting"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("erp", "0001_initial")]

    operations = [
        migrations.RunSQL(
            CHAIN, "ALTER TABLE erp_posting DROP CONSTRAINT erp_posting_begins_where_one_ended"
        ),
        guard("terms_are_fixed", f"UPDATE OF {TERMS}"),
        guard("never_deleted", "DELETE"),
        migrations.RunSQL(
            for_roles(f"REVOKE DELETE, TRUNCATE ON {KEPT} FROM {{role}}"),
            for_roles(f"GRANT DELETE ON {KEPT} TO {{role}}"),
        ),
        AuditRows("erp_target", "secret"),
        AuditRows("erp_accountmap"),
    ]
