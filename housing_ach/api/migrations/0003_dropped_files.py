"""Files that clients bring, each kept once for its bytes, and the names they came under."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import housing_ach.audit.fields
from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements

TERMS = "client_id, sha256, size, sealed, received_at"


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_idempotency"),
        ("payments", "0007_metadata"),
        ("users", "0004_client"),
    ]

    operations = [
        migrations.CreateModel(
            name="DroppedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("sealed", models.UUIDField()),
                ("partial", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Received"),
                            ("APPLIED", "Applied"),
                            ("REFUSED", "Refused"),
                        ],
                        default="RECEIVED",
                        max_length=8,
                    ),
                ),
                ("ack", models.TextField(blank=True, default="")),
                ("received_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dropped_files",
                        to="users.client",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dropped_file",
                        to="payments.submission",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(status="RECEIVED"), fields=["id"], name="dropped_file_waiting"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "sha256"), name="dropped_bytes_are_taken_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(status="RECEIVED", ack="", answered_at__isnull=True)
                        | ~Q(status="RECEIVED") & ~Q(ack="") & Q(answered_at__isnull=False),
                        name="dropped_file_is_answered_or_waits",
                    ),
                    models.CheckConstraint(
                        condition=Q(submission=None) | Q(status="APPLIED"),
                        name="only_an_applied_file_asked_for_money",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Drop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                (
                    "txid",
                    housing_ach.audit.fields.TxidField(),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drops",
                        to="users.client",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drops",
                        to="api.droppedfile",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["client", "name", "-id"], name="drop_by_name")]
            },
        ),
        AuditRows("api_droppedfile", "sealed", "ack"),
        migrations.RunSQL(
            [
                f"""CREATE TRIGGER terms_are_fixed BEFORE UPDATE OF {TERMS} ON api_droppedfile
                    FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
                """CREATE TRIGGER never_deleted BEFORE DELETE ON api_droppedfile
                    FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
                "ALTER TABLE api_droppedfile ENABLE ALWAYS TRIGGER terms_are_fixed",
                "ALTER TABLE api_droppedfile ENABLE ALWAYS TRIGGER never_deleted",
            ],
            [
                "DROP TRIGGER terms_are_fixed ON api_droppedfile",
                "DROP TRIGGER never_deleted ON api_droppedfile",
            ],
        ),
        AppendOnly("api_drop"),
        DigestStatements("api_drop"),
    ]
