"""Traces, the history of files and batches, and the hold a frozen entry has on its payment."""

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements, for_roles

# Only freezing gives traces: the web process has no use for the sequence.
TRACE_SERIAL = [
    "CREATE SEQUENCE batches_trace_serial AS bigint START 1",
    for_roles("REVOKE ALL ON SEQUENCE batches_trace_serial FROM {role}"),
    for_roles("GRANT USAGE, SELECT, UPDATE ON SEQUENCE batches_trace_serial TO {role}", ["hms_worker"]),
]

# From the freeze on the bytes say that the payment moves: what becomes of it follows its file. The
# update is left undone, so that whoever holds, cancels or revokes learns that he came too late.
HOLD_PAYMENT = """
CREATE FUNCTION batches_hold_payment() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM batches_entry WHERE payment_id = new.id AND status = 'FROZEN') THEN
        RETURN NULL;
    END IF;
    RETURN new;
END $$
"""

# What a file or an entry is never changes, only where it stands.
TERMS = {
    "batches_bankfile": (
        "profile_id, direction, kind, name, sha256, size, sealed, masked, window_id, processing_on,"
        " cut_off_at, origin, creation_on, creation_time, modifier, made_at"
    ),
    "batches_batch": (
        "company_id, fund_id, window_id, sec_code, direction, description, requested_on,"
        " processing_on, effective_on, made_by_id, made_at"
    ),
    "batches_entry": (
        "batch_id, payment_id, account_version_id, attempt, is_retry, cents, transaction_code,"
        " individual_id, name"
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
    dependencies = [("audit", "0002_triggers"), ("batches", "0001_initial")]

    operations = [
        migrations.RunSQL(TRACE_SERIAL, "DROP SEQUENCE batches_trace_serial"),
        *(
            operation(f"batches_{table}")
            for table in ("evidence", "arrival")
            for operation in (AppendOnly, DigestStatements)
        ),
        AuditRows("batches_bankfile", "sealed", "masked"),
        AuditRows("batches_batch"),
        *(fixed(table, columns) for table, columns in TERMS.items()),
        migrations.RunSQL(
            [
                HOLD_PAYMENT,
                "REVOKE EXECUTE ON FUNCTION batches_hold_payment() FROM PUBLIC",
                """CREATE TRIGGER batches_hold_payment BEFORE UPDATE OF status ON payments_payment
                    FOR EACH ROW
                    WHEN (old.status = 'BATCHED' AND new.status IN ('HELD', 'CANCELLED', 'SCHEDULED'))
                    EXECUTE FUNCTION batches_hold_payment()""",
                "ALTER TABLE payments_payment ENABLE ALWAYS TRIGGER batches_hold_payment",
            ],
            [
                "DROP TRIGGER batches_hold_payment ON payments_payment",
                "DROP FUNCTION batches_hold_payment()",
            ],
        ),
    ]
