"""What a program asked for in one request or one file; neither it nor its orders change hands."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from housing_ach.audit.operations import AuditRows

TERMS = "client_id, source, external_id, asked_count, asked_cents, made_at"


def fixed(table: str, columns: str, name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            f"""CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table}
                FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ],
        [f"DROP TRIGGER {name} ON {table}"],
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_plan_sums"), ("users", "0004_client")]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(choices=[("API", "Api"), ("FILE", "File")], max_length=4),
                ),
                ("external_id", models.CharField(blank=True, default="", max_length=60)),
                ("asked_count", models.PositiveIntegerField()),
                ("asked_cents", models.BigIntegerField()),
                ("refused", models.JSONField(blank=True, default=list)),
                ("made_at", models.DateTimeField()),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="users.client",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=~Q(external_id=""),
                        fields=("client", "external_id"),
                        name="submission_external_id_is_unique",
                    ),
                    models.CheckConstraint(
                        condition=Q(asked_count__gt=0, asked_cents__gt=0),
                        name="submission_asks_for_money",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="order",
            name="submission",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="payments.submission",
            ),
        ),
        AuditRows("payments_submission"),
        fixed("payments_submission", TERMS, "terms_are_fixed"),
        fixed("payments_order", "submission_id", "submission_is_fixed"),
        migrations.RunSQL(
            [
                """CREATE TRIGGER never_deleted BEFORE DELETE ON payments_submission
                    FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
                "ALTER TABLE payments_submission ENABLE ALWAYS TRIGGER never_deleted",
            ],
            ["DROP TRIGGER never_deleted ON payments_submission"],
        ),
    ]
