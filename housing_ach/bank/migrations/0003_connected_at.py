from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bank", "0002_audit")]

    operations = [
        migrations.AddField(
            model_name="bankprofile",
            name="connected_at",
            field=models.DateTimeField(
                null=True,
                blank=True,
                editable=False,
                help_text="When a person last tried the connection.",
            ),
        ),
    ]
