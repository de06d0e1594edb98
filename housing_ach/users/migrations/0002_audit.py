"""The system's own user, and the audit of everything that decides who may do what."""

from django.db import migrations

from housing_ach.audit.operations import AuditRows
from housing_ach.users.states import SYSTEM_EMAIL


def make_system_user(apps, schema_editor):
    apps.get_model("users", "User").objects.get_or_create(
        email=SYSTEM_EMAIL, defaults={"name": "System", "password": "!", "is_active": False}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_initial"),
        ("audit", "0002_triggers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("otp_totp", "0003_add_timestamps"),
        ("otp_static", "0003_add_timestamps"),
    ]

    operations = [
        AuditRows("users_user", "password"),
        AuditRows("users_user_groups"),
        AuditRows("users_user_user_permissions"),
        AuditRows("auth_group"),
        AuditRows("auth_group_permissions"),
        AuditRows("otp_totp_totpdevice", "key"),
        AuditRows("otp_static_staticdevice"),
        AuditRows("otp_static_statictoken", "token"),
        migrations.RunPython(make_system_user, migrations.RunPython.noop),
    ]
