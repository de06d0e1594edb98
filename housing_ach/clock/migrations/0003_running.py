from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("clock", "0002_never_back")]

    operations = [
        migrations.AddField("clock", "running_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "clock",
            models.CheckConstraint(
                condition=Q(("running_since", None), ("frozen_at__isnull", False), _connector="OR"),
                name="clock_runs_on_from_a_moment",
            ),
        ),
    ]
