from django.db import migrations


class Migration(migrations.Migration):
    """The sign-in asks first for the device that is called so."""

    dependencies = [
        ("users", "0002_audit"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE otp_totp_totpdevice SET name = 'default' WHERE name = 'authenticator'",
            migrations.RunSQL.noop,
        ),
    ]
