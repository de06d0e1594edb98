"""Set-up is edited here and ended, never deleted; charges are looked at."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from housing_ach.ledger.models import Account, Journal
from housing_ach.shared.admin_amount import AmountColumn
from housing_ach.shared.admin_links import list_link
from housing_ach.shared.read_only_admin import ReadOnlyAdmin
from housing_ach.tenants.models import (
    Charge,
    ChargeSchedule,
    ChargeShare,
    Lease,
    LeaseShare,
    Membership,
    Property,
    Tenant,
    Unit,
)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Model]
    LeaseRows = admin.TabularInline[Model, Lease]
    ChargeShareRows = admin.TabularInline[ChargeShare, Charge]
else:
    ModelAdmin = admin.ModelAdmin
    LeaseRows = ChargeShareRows = admin.TabularInline


class VisibleAdmin(ModelAdmin):
    """Shows what its user may see: the rows of the properties he is a member of."""

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.visible_to(request.user)


class SetUpAdmin(VisibleAdmin):
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryAdmin(ReadOnlyAdmin, VisibleAdmin):
    show_full_result_count = False


@admin.register(Property)
class PropertyAdmin(SetUpAdmin):
    """The rollout is not edited here: going live has checks of its own."""

    list_display = ("code", "name", "state", "rollout", "operating_fund", "deposit_fund")
    list_filter = ("rollout", "kind", "state")
    readonly_fields = ("rollout",)
    list_select_related = ("operating_fund", "deposit_fund")
    search_fields = ("code", "name", "address", "=external_id")
    ordering = ("code",)


@admin.register(Unit)
class UnitAdmin(SetUpAdmin):
    list_display = ("name", "property")
    list_filter = ("property",)
    list_select_related = ("property",)
    search_fields: ClassVar = ("name", "property__code", "property__name", "=external_id")
    autocomplete_fields = ("property",)
    ordering = ("property", "name")


@admin.register(Tenant)
class TenantAdmin(SetUpAdmin):
    list_display = ("name", "external_id", "email", "phone", "leases")
    search_fields: ClassVar = ("name", "external_id", "email", "shares__lease__external_id")
    autocomplete_fields = ("user",)
    ordering = ("name", "id")

    @admin.display
    def leases(self, tenant: Tenant) -> str:
        return list_link(Lease, "leases", shares__tenant=tenant.pk)


class LeaseShareInline(LeaseRows):
    model = LeaseShare
    extra = 0
    autocomplete_fields = ("tenant",)
    can_delete = False


class ChargeScheduleInline(LeaseRows):
    model = ChargeSchedule
    extra = 0
    can_delete = False


@admin.register(Lease)
class LeaseAdmin(SetUpAdmin):
    list_display = ("external_id", "unit", "property", "tenants", "starts_on", "ends_on", "more")
    list_filter = ("unit__property",)
    list_select_related = ("unit__property",)
    search_fields: ClassVar = ("external_id", "shares__tenant__name", "unit__name")
    autocomplete_fields = ("unit",)
    inlines = (LeaseShareInline, ChargeScheduleInline)
    ordering = ("external_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lease]:
        rows: QuerySet[Lease] = super().get_queryset(request)
        return rows.annotate(tenants=StringAgg("shares__tenant__name", ", ", distinct=True))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "shares__tenant" or super().lookup_allowed(lookup, value, request)

    @admin.display(ordering="unit__property")
    def property(self, lease: Lease) -> Property:
        return lease.unit.property

    @admin.display
    def tenants(self, lease: Any) -> str:
        return lease.tenants or ""

    @admin.display
    def more(self, lease: Lease) -> str:
        charges = list_link(Charge, "charges", lease=lease.pk)
        return charges + " " + list_link(Account, "accounts", lease=lease.pk)


@admin.register(LeaseShare)
class LeaseShareAdmin(SetUpAdmin):
    list_display = ("lease", "tenant", "weight", "is_primary", "starts_on", "ends_on")
    list_select_related = ("lease", "tenant")
    search_fields: ClassVar = ("lease__external_id", "tenant__name", "tenant__external_id")
    autocomplete_fields = ("lease", "tenant")


@admin.register(ChargeSchedule)
class ChargeScheduleAdmin(AmountColumn, SetUpAdmin):
    list_display = ("lease", "kind", "amount", "day_of_month", "starts_on", "ends_on")
    list_filter = ("kind",)
    list_select_related = ("lease",)
    search_fields: ClassVar = ("lease__external_id", "lease__shares__tenant__name")
    autocomplete_fields = ("lease",)


class ChargeShareInline(AmountColumn, ChargeShareRows):
    model = ChargeShare
    fields = ("tenant", "amount")
    readonly_fields = fields
    can_delete = False
    max_num = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("tenant")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Charge)
class ChargeAdmin(AmountColumn, HistoryAdmin):
    list_display = ("id", "lease", "kind", "due_on", "amount", "memo", "journal")
    list_filter: ClassVar = ("kind", "fund")
    list_select_related = ("lease",)
    search_fields: ClassVar = ("=id", "lease__external_id", "shares__tenant__name", "=external_id")
    date_hierarchy = "due_on"
    ordering = ("-id",)
    inlines = (ChargeShareInline,)
    fields = (
        ("lease", "kind", "fund"),
        ("period_on", "due_on", "amount"),
        ("memo", "external_id"),
        ("schedule", "raised_at", "journal"),
    )

    @admin.display
    def journal(self, charge: Charge) -> str:
        about = {"subject": charge._meta.label_lower, "subject_id": charge.pk}
        return list_link(Journal, "journal", **about)


@admin.register(ChargeShare)
class ChargeShareAdmin(AmountColumn, HistoryAdmin):
    list_display = ("id", "charge", "tenant", "amount")
    list_select_related = ("charge", "tenant")
    search_fields: ClassVar = ("=charge__id", "tenant__name", "charge__lease__external_id")
    ordering = ("-id",)
    fields = ("charge", "tenant", "amount")


@admin.register(Membership)
class MembershipAdmin(VisibleAdmin):
    """Taking a membership away is the one deletion here; the audit keeps it."""

    list_display = ("user", "property", "role")
    list_filter = ("role", "property")
    list_select_related = ("user", "property")
    search_fields: ClassVar = ("user__email", "user__name", "property__code")
    autocomplete_fields = ("user", "property")
