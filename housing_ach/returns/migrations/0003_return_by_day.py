"""Return rates ask for the returns of the last sixty days, every time the desk is opened."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0002_history")]

    operations = [
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["banking_on", "kind"], name="return_by_day"),
        ),
    ]
