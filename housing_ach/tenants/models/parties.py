from datetime import date
from typing import Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value

from housing_ach.ledger.models import Fund
from housing_ach.tenants.states import ChargeKind, PropertyKind, Role, Rollout, conflict
from housing_ach.users.models import User

# What the housing system calls a party; empty where it does not know it.
EXTERNAL_ID = 60

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[Row_co]):
    """Row access: what a user may see follows from the properties of his memberships.

    A tenant sees what is his own, by the path to his user; a model without that path shows him nothing.
    """

    property_path = "property"
    tenant_path = ""

    def visible_to(self, user: User) -> Self:
        if sees_everything(user):
            return self
        mine = Q(
            **{f"{self.property_path}__in": Membership.objects.working(user).values("property")}
        )
        if self.tenant_path:
            mine |= Q(**{self.tenant_path: user.pk})
        return self.filter(pk__in=self.model._base_manager.filter(mine).values("pk"))


def sees_everything(user: User) -> bool:
    return user.is_superuser or Membership.objects.working(user).filter(property=None).exists()


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
    rollout = models.CharField(max_length=10, choices=Rollout, default=Rollout.DISABLED)
    external_id = models.CharField(max_length=EXTERNAL_ID, blank=True, default="")

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
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="property_external_id_is_unique",
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
    external_id = models.CharField(max_length=EXTERNAL_ID, blank=True, default="")

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["property", "name"], name="unit_is_unique"),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="unit_external_id_is_unique",
            ),
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
    external_id = models.CharField(max_length=EXTERNAL_ID, unique=True)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="tenant"
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="tenant_by_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.external_id})"

    def clean(self) -> None:
        if self.user_id and (found := Membership.objects.against(self.user_id, Role.TENANT)):
            raise ValidationError({"user": f"No tenant is {', '.join(found)} as well."})

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
    external_id = models.CharField(max_length=EXTERNAL_ID, unique=True)
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


class MembershipQuerySet(VisibleQuerySet["Membership"]):
    property_path = "property"

    def working(self, user: User) -> Self:
        """What the user does for the organisation or a property; a tenant does nothing for it."""
        return self.filter(user_id=user.pk).exclude(role=Role.TENANT)

    def against(self, user_id: int, role: str) -> list[str]:
        """The user's roles that go with no other of the role's kind, a tenant's by his account too."""
        has = set(self.filter(user_id=user_id).values_list("role", flat=True))
        if Tenant.objects.filter(user_id=user_id).exists():
            has.add(Role.TENANT)
        return sorted(other for other in has if conflict(role, other))

    def reaching(self, place: "Property | None") -> Self:
        """Those that hold there: of the organisation, and of the property where one is named."""
        return self.filter(Q(property=None) | Q(property=place) if place else Q(property=None))


class Membership(models.Model):
    """What a user is to a property; without a property: to the whole organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    property = models.ForeignKey(
        Property, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "property", "role"],
                nulls_distinct=False,
                name="membership_is_unique",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.PROPERTY_MANAGER) | Q(property__isnull=False),
                name="manager_has_a_property",
                violation_error_message="A property manager manages a property: name it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    def clean(self) -> None:
        if self.user_id and (found := self._conflicts()):
            raise ValidationError(
                {"role": f"Nobody is {self.role} and {', '.join(found)} at once."}
            )

    def _conflicts(self) -> list[str]:
        return Membership.objects.exclude(pk=self.pk).against(self.user_id, self.role)
