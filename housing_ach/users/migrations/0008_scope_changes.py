"""What a client may do changes like its proof: one person asks, another approves."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q

SCOPES = [
    ("ach:read", "Read"),
    ("ach:write", "Move money"),
    ("ach:recon", "Reconcile"),
    ("ach:tokenize", "Give account numbers"),
]


class Migration(migrations.Migration):
    dependencies = [("users", "0007_certificate_ends")]

    operations = [
        migrations.AddField(
            model_name="proofchange",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=SCOPES, max_length=20),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.RemoveConstraint(model_name="proofchange", name="proof_change_holds_a_proof"),
        migrations.AddConstraint(
            model_name="proofchange",
            constraint=models.CheckConstraint(
                condition=~Q(secret_hash="")
                | ~Q(jwks={})
                | Q(thumbprints__len__gt=0)
                | Q(scopes__len__gt=0),
                name="proof_change_changes_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofchange",
            constraint=models.CheckConstraint(
                condition=Q(scopes__contained_by=[scope for scope, _ in SCOPES]),
                name="proof_change_has_known_scopes",
            ),
        ),
    ]
