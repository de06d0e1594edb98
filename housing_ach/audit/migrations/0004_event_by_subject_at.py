"""What something happened to since an instant is found without reading history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_request_id")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["subject", "at"], include=["subject_id"], name="event_by_subject_at"
            ),
        ),
    ]
