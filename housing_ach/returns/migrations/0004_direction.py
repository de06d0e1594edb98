"""Return rates are of debits: which direction each return had stands beside it."""

from django.db import migrations, models
from django.db.models import Q

from housing_ach.payments.states import Direction

# The rows are written anew with the column filled; nothing recorded is updated, which is forbidden.
TELL = """
CREATE FUNCTION pg_temp.direction_of(bigint) RETURNS varchar LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT b.direction FROM batches_entry e JOIN batches_batch b ON b.id = e.batch_id
        WHERE e.id = $1
    ), '')
$$;
ALTER TABLE returns_return
    ALTER COLUMN direction TYPE varchar(6) USING pg_temp.direction_of(entry_id);
"""


class Migration(migrations.Migration):
    dependencies = [("batches", "0005_file_by_age"), ("returns", "0003_return_by_day")]

    operations = [
        migrations.AddField(
            model_name="return",
            name="direction",
            field=models.CharField(
                max_length=6, choices=Direction.choices, blank=True, default=""
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(TELL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=Q(entry__isnull=True, direction="")
                | Q(entry__isnull=False) & ~Q(direction=""),
                name="return_has_the_direction_of_its_entry",
            ),
        ),
        migrations.RemoveIndex(model_name="return", name="return_by_day"),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(
                fields=["banking_on", "kind"],
                include=["direction", "code", "cents"],
                name="return_by_day",
            ),
        ),
    ]
