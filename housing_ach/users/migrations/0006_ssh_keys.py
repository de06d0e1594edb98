"""The keys with which programs bring files."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from housing_ach.audit.operations import AuditRows


def person(**how):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        **how,
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("users", "0005_proofs")]

    operations = [
        migrations.CreateModel(
            name="SshKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.TextField(help_text="As OpenSSH writes it, without a comment.")),
                ("fingerprint", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by", person(blank=True, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ssh_keys",
                        to="users.client",
                    ),
                ),
                ("made_by", person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "fingerprint"), name="ssh_key_is_registered_once"
                    ),
                    models.CheckConstraint(
                        condition=~Q(approved_by=F("made_by")),
                        name="ssh_key_maker_is_not_its_checker",
                    ),
                    models.CheckConstraint(
                        condition=Q(approved_by__isnull=False, approved_at__isnull=False)
                        | Q(approved_by__isnull=True, approved_at__isnull=True),
                        name="ssh_key_is_approved_at_an_instant",
                    ),
                ]
            },
        ),
        AuditRows("users_sshkey"),
    ]
