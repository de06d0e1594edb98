"""Events name the request they came of; those before it name none."""

from django.db import migrations, models

from housing_ach.audit.fields import CurrentRequest


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="request_id",
            field=models.CharField(db_default=CurrentRequest(), max_length=64),
        ),
    ]
