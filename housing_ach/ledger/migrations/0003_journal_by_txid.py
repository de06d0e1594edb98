"""What was made since a transaction is found without a look at what was there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_triggers")]

    operations = [
        migrations.AddIndex(
            model_name="journal",
            index=models.Index(fields=["txid"], name="journal_by_txid"),
        ),
    ]
