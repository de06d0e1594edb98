"""Lists of payments are by day, the newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_credits")]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["effective_on", "id"], name="payment_by_day"),
        ),
    ]
