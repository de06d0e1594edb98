"""Verifications by micro-deposits, looked at; their amounts are shown nowhere."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.http import HttpRequest

from housing_ach.payouts.models import MicroDeposits, MicroDepositTry
from housing_ach.shared.admin_links import link
from housing_ach.shared.read_only_admin import ReadOnlyAdmin
from housing_ach.tenants.admin import HistoryAdmin
from housing_ach.users.models import User

if TYPE_CHECKING:
    TryRows = admin.TabularInline[MicroDepositTry, MicroDeposits]
else:
    TryRows = admin.TabularInline


class TryInline(TryRows):
    model = MicroDepositTry
    fields = ("number", "right", "by", "at")
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False


@admin.register(MicroDeposits)
class MicroDepositsAdmin(HistoryAdmin):
    list_display = ("id", "status", "tenant", "bank_account", "order_link", "expires_on")
    list_filter: ClassVar = ("status", "failed_why")
    list_select_related = ("bank_account__tenant", "order")
    search_fields: ClassVar = (
        "=id",
        "=bank_account__last_four",
        "bank_account__tenant__name",
        "bank_account__tenant__external_id",
    )
    ordering = ("-id",)
    inlines = (TryInline,)
    fields = (
        ("status", "failed_why"),
        ("tenant", "bank_account", "order_link"),
        ("expires_on", "verified_at"),
    )

    @admin.display(ordering="bank_account__tenant__name")
    def tenant(self, row: MicroDeposits) -> str:
        return link(row.bank_account.tenant)

    @admin.display(description="order")
    def order_link(self, row: MicroDeposits) -> str:
        return link(row.order)


@admin.register(MicroDepositTry)
class MicroDepositTryAdmin(ReadOnlyAdmin):
    list_display = ("micro_deposits", "number", "right", "by", "at")
    list_filter: ClassVar = ("right",)
    list_select_related = ("micro_deposits", "by")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = MicroDeposits.objects.visible_to(cast("User", request.user))
        return super().get_queryset(request).filter(micro_deposits__in=visible)
