"""How far each property has come. Those that exist are live already; new ones begin disabled."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import housing_ach.audit.fields
from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements

CHOICES = [("DISABLED", "Disabled"), ("SHADOW", "Shadow"), ("PILOT", "Pilot"), ("LIVE", "Live")]
KEY = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)


def to(model, related_name="+", field=models.ForeignKey):
    return field(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=model
    )


LEASE_ROLLOUT = """
CREATE VIEW tenants_leaserollout AS
SELECT l.id AS lease_id, u.property_id, CASE
    WHEN p.rollout <> 'PILOT' THEN p.rollout WHEN pilot.id IS NULL THEN 'SHADOW' ELSE 'LIVE'
END AS rollout
FROM tenants_lease l
JOIN tenants_unit u ON u.id = l.unit_id
JOIN tenants_property p ON p.id = u.property_id
LEFT JOIN tenants_pilotlease pilot ON pilot.lease_id = l.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_policy"),
        ("bank", "0002_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "property",
            "rollout",
            models.CharField(choices=CHOICES, default="LIVE", max_length=10),
        ),
        migrations.AlterField(
            "property",
            "rollout",
            models.CharField(choices=CHOICES, default="DISABLED", max_length=10),
        ),
        migrations.CreateModel(
            name="PilotLease",
            fields=[
                ("id", KEY),
                ("lease", to("tenants.lease", "pilot", models.OneToOneField)),
                ("named_by", to(settings.AUTH_USER_MODEL)),
                ("named_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ShadowRun",
            fields=[
                ("id", KEY),
                ("property", to("tenants.property", "shadow_runs")),
                ("profile", to("bank.bankprofile")),
                ("processing_on", models.DateField()),
                ("effective_on", models.DateField()),
                ("entry_count", models.PositiveIntegerField(default=0)),
                ("cents", models.BigIntegerField(default=0)),
                ("excluded_count", models.PositiveIntegerField(default=0)),
                ("excluded_cents", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("findings", models.JSONField(blank=True, default=list)),
                ("made_at", models.DateTimeField()),
                ("txid", housing_ach.audit.fields.TxidField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("property", "profile", "processing_on"),
                        name="one_shadow_run_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(entry_count=0, sha256="")
                        | models.Q(entry_count__gt=0) & ~models.Q(sha256="")
                        | ~models.Q(findings=[]),
                        name="shadow_run_has_bytes_or_findings",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShadowLine",
            fields=[
                ("id", KEY),
                ("run", to("tenants.shadowrun", "lines")),
                ("lease", to("tenants.lease")),
                ("tenant", to("tenants.tenant")),
                ("cents", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=10)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("txid", housing_ach.audit.fields.TxidField()),
            ],
            options={
                "indexes": [models.Index(fields=["run"], name="shadow_line_by_run")],
            },
        ),
        migrations.RunSQL(LEASE_ROLLOUT, "DROP VIEW tenants_leaserollout"),
        AuditRows("tenants_pilotlease"),
        *(
            operation(f"tenants_{table}")
            for table in ("shadowrun", "shadowline")
            for operation in (AppendOnly, DigestStatements)
        ),
    ]
