from django.db import models
from django.db.models import F, Q

from housing_ach.audit.fields import TxidField
from housing_ach.ledger.models import Fund
from housing_ach.tenants.models.parties import Lease, Tenant, VisibleQuerySet
from housing_ach.tenants.states import ChargeKind


class ChargeScheduleQuerySet(VisibleQuerySet["ChargeSchedule"]):
    property_path = "lease__unit__property"
    tenant_path = "lease__shares__tenant__user"


class ChargeSchedule(models.Model):
    """A monthly charge; `day_of_month` past the month's end means its last day."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="schedules")
    kind = models.CharField(max_length=20, choices=ChargeKind, default=ChargeKind.RENT)
    cents = models.BigIntegerField()
    day_of_month = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = ChargeScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="schedule_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="schedule_charges_money"),
            models.CheckConstraint(
                condition=Q(day_of_month__gte=1, day_of_month__lte=31), name="schedule_day_exists"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of lease {self.lease_id}"


class ChargeQuerySet(VisibleQuerySet["Charge"]):
    property_path = "lease__unit__property"
    tenant_path = "lease__shares__tenant__user"


class Charge(models.Model):
    """An amount a lease owes. Append-only; `period_on` is the first of the month it is for."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="charges")
    schedule = models.ForeignKey(
        ChargeSchedule, null=True, blank=True, on_delete=models.PROTECT, related_name="charges"
    )
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ChargeKind)
    period_on = models.DateField()
    due_on = models.DateField()
    cents = models.BigIntegerField()
    memo = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=60, blank=True, default="")
    raised_at = models.DateTimeField()
    txid = TxidField()

    objects = ChargeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="charge_owes_money"),
            models.UniqueConstraint(
                fields=["schedule", "period_on"], name="charge_is_raised_once_a_period"
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="charge_external_id_is_unique",
            ),
        ]
        indexes = [models.Index(fields=["lease", "due_on"], name="charge_by_lease")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} due {self.due_on}"


class ChargeShareQuerySet(VisibleQuerySet["ChargeShare"]):
    property_path = "charge__lease__unit__property"
    tenant_path = "charge__lease__shares__tenant__user"


class ChargeShare(models.Model):
    """What one tenant owes of a charge; the shares sum to it. Append-only."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="shares")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="charge_shares")
    cents = models.BigIntegerField()
    txid = TxidField()

    objects = ChargeShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["charge", "tenant"], name="one_share_per_tenant"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="share_owes_money"),
        ]

    def __str__(self) -> str:
        return f"share {self.pk} of charge {self.charge_id}"
