"""What a program keeps beside an order of its own; nobody reads it but the program."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_submissions")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
