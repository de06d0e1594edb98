from django.db import models
from django.db.models import Q

from housing_ach.audit.fields import TxidField
from housing_ach.bank.models import BankProfile
from housing_ach.tenants.models.parties import Lease, Property, Tenant, VisibleQuerySet
from housing_ach.users.models import User


class PilotLeaseQuerySet(VisibleQuerySet["PilotLease"]):
    property_path = "lease__unit__property"


class PilotLease(models.Model):
    """A lease that is live while its property is in PILOT."""

    lease = models.OneToOneField(Lease, on_delete=models.PROTECT, related_name="pilot")
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    objects = PilotLeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"pilot of lease {self.lease_id}"


class ShadowRunQuerySet(VisibleQuerySet["ShadowRun"]):
    property_path = "property"


class ShadowRun(models.Model):
    """What a property in the shadow would have sent to a bank on a processing day. Append-only.

    `sha256` is of the bytes of the file, which are kept nowhere. `findings` are what the rules of the
    file format, or of the file as a whole, would not have let pass.
    """

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="shadow_runs")
    profile = models.ForeignKey(BankProfile, on_delete=models.PROTECT, related_name="+")
    processing_on = models.DateField()
    effective_on = models.DateField()
    entry_count = models.PositiveIntegerField(default=0)
    cents = models.BigIntegerField(default=0)
    excluded_count = models.PositiveIntegerField(default=0)
    excluded_cents = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField()
    txid = TxidField()

    objects = ShadowRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["property", "profile", "processing_on"], name="one_shadow_run_a_day"
            ),
            models.CheckConstraint(
                condition=Q(entry_count=0, sha256="")
                | Q(entry_count__gt=0) & ~Q(sha256="")
                | ~Q(findings=[]),
                name="shadow_run_has_bytes_or_findings",
            ),
        ]

    def __str__(self) -> str:
        return f"shadow of {self.property_id} on {self.processing_on}"


class ShadowLineQuerySet(VisibleQuerySet["ShadowLine"]):
    property_path = "run__property"


class ShadowLine(models.Model):
    """One debit that would have been sent, or left out for a reason. Append-only."""

    run = models.ForeignKey(ShadowRun, on_delete=models.PROTECT, related_name="lines")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField()
    purpose = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True)
    txid = TxidField()

    objects = ShadowLineQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run"], name="shadow_line_by_run")]

    def __str__(self) -> str:
        return f"line {self.pk} of shadow run {self.run_id}"
