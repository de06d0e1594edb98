"""The end of the last planning, and whether a conflict stops a target, whatever was posted before."""

from django.db import migrations, models
from django.db.models import Q

INDEXES = [
    models.Index(
        fields=["target"], condition=Q(status="CONFLICT"), name="erp_posting_conflict"
    ),
    models.Index(fields=["target", "until_txid"], name="erp_posting_by_txid"),
    models.Index(fields=["target", "day"], name="erp_posting_by_day"),
]


class Migration(migrations.Migration):
    # Planning reads the books by journal_by_txid.
    dependencies = [("ledger", "0003_journal_by_txid"), ("erp", "0003_own_line")]

    operations = [migrations.AddIndex(model_name="posting", index=index) for index in INDEXES]
