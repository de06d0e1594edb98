"""A client may be told at its own address what became of its batches."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

FIXED = """
CREATE TRIGGER submission_is_fixed BEFORE UPDATE OF submission_id ON webhooks_delivery
    FOR EACH ROW EXECUTE FUNCTION audit_forbid();
ALTER TABLE webhooks_delivery ENABLE ALWAYS TRIGGER submission_is_fixed;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_submissions"),
        ("webhooks", "0003_headers"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="is_callback",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="delivery",
            name="submission",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.submission",
            ),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.CheckConstraint(
                condition=Q(is_callback=False) | Q(url__contains="{batchId}"),
                name="callback_names_its_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.UniqueConstraint(
                fields=["client"],
                condition=Q(is_callback=True),
                name="client_has_one_callback",
            ),
        ),
        migrations.RunSQL(FIXED, "DROP TRIGGER submission_is_fixed ON webhooks_delivery"),
    ]
