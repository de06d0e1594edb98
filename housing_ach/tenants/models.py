from datetime import date
from typing import Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value

from housing_ach.audit.fields import TxidField
from housing_ach.ledger.models import Fund
from housing_ach.tenants.states import ChargeKind, PropertyKind, Role
from housing_ach.users.models import User

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[Row_co]):
    """Row access: what a user may see follows from the properties of his memberships.

    A tenant sees what is his own, by the path to his user; a model without that path shows him nothing.
    """

    property_path = "property"
    tenant_path = ""

    def visible_to(self, user: User) -> Self:
        works_for = Membership.objects.filter(user_id=user.pk).exclude(role=Role.TENANT)
        if user.is_superuser or works_for.filter(property=None).exists():
            return self
        mine = Q(**{f"{self.property_path}__in": works_for.values("property")})
        if self.tenant_path:
            mine |= Q(**{self.tenant_path: user.pk})
        return self.filter(pk__in=self.model._base_manager.filter(mine).values("pk"))


class PropertyQuerySet(VisibleQuerySet["Property"]):
    property_path = "pk"


class Property(models.Model):
    name = models.CharField(max_length=80)
    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=PropertyKind, default=PropertyKind.OWNED)
    state = models.CharField(max_length=2)
    address = models.CharField(max_length=200, blank=True)
    operating_fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    deposit_fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    raise_days = models.PositiveSmallIntegerField(default=12)
    prenote_required = models.BooleanField(default=False)

    objects = PropertyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "properties"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"),
                name="state_is_usps",
                violation_error_message="A state is two capital letters.",
            ),
            # What a managed property owes its owner is not in the books yet.
            models.CheckConstraint(
                condition=Q(kind=PropertyKind.OWNED),
                name="property_is_owned",
                violation_error_message="Managed properties are not supported yet.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def party(self) -> str:
        """The property in ledger accounts."""
        return f"property:{self.pk}"

    def fund_id_for(self, kind: ChargeKind | str) -> int:
        """Deposits are held in trust; all else is the organisation's own money."""
        return self.deposit_fund_id if kind == ChargeKind.DEPOSIT else self.operating_fund_id


class UnitQuerySet(VisibleQuerySet["Unit"]):
    property_path = "property"


class Unit(models.Model):
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=40)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["property", "name"], name="unit_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class TenantQuerySet(VisibleQuerySet["Tenant"]):
    property_path = "shares__lease__unit__property"
    tenant_path = "user"


class Tenant(models.Model):
    name = models.CharField(max_length=80)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    external_id = models.CharField(max_length=60, unique=True)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="tenant"
    )

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.external_id})"

    @property
    def party(self) -> str:
        """The tenant in ledger accounts."""
        return f"tenant:{self.pk}"


class LeaseQuerySet(VisibleQuerySet["Lease"]):
    property_path = "unit__property"
    tenant_path = "shares__tenant__user"


class Lease(models.Model):
    """`ends_on` is the last day of the tenancy, or null while it runs from month to month."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="leases")
    external_id = models.CharField(max_length=60, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="lease_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class LeaseShareQuerySet(VisibleQuerySet["LeaseShare"]):
    property_path = "lease__unit__property"
    tenant_path = "lease__shares__tenant__user"

    def in_force(self, on: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


def _one(field: str) -> Func:
    """A key as a range: exclusion on ranges alone needs no extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


DAYS = Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange")


class LeaseShare(models.Model):
    """What part of the lease's charges one tenant owes from a date on, in weights of the whole.

    The weights in force on a date need no fixed sum: each tenant owes weight over sum.
    """

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="shares")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="shares")
    weight = models.PositiveIntegerField(default=1)
    is_primary = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = LeaseShareQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                expressions=[(_one("lease"), "&&"), (_one("tenant"), "&&"), (DAYS, "&&")],
                name="one_share_at_a_time",
                violation_error_message="The tenant has a share of the lease on some of these days.",
            ),
            ExclusionConstraint(
                expressions=[(_one("lease"), "&&"), (DAYS, "&&")],
                condition=Q(is_primary=True),
                name="one_primary_tenant_at_a_time",
                violation_error_message="The lease has a primary tenant on some of these days.",
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="share_has_weight"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="share_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lease_id}/{self.tenant_id} from {self.starts_on}"


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


class Membership(models.Model):
    """What a user is to a property; without a property: to the whole organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    property = models.ForeignKey(
        Property, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "property", "role"],
                nulls_distinct=False,
                name="membership_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
