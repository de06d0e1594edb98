"""What may be debited, looked at: numbers are in the vault, and every change is a service's."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.http import HttpRequest

from housing_ach.mandates.models import (
    Autopay,
    AutopayPause,
    BankAccount,
    BankAccountVersion,
    Mandate,
    MandateText,
    Notice,
)
from housing_ach.shared.admin_amount import AmountColumn
from housing_ach.shared.admin_links import list_link
from housing_ach.shared.money import dollars
from housing_ach.shared.read_only_admin import ReadOnlyAdmin
from housing_ach.tenants.admin import HistoryAdmin
from housing_ach.users.models import User


class OfVisible(ReadOnlyAdmin):
    """Rows of what its user may see, by the model `part_of`."""

    part_of: str
    whole: type[BankAccount] | type[Autopay]

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = self.whole.objects.visible_to(cast("User", request.user))
        return super().get_queryset(request).filter(**{f"{self.part_of}__in": visible})


@admin.register(BankAccount)
class BankAccountAdmin(HistoryAdmin):
    list_display = ("id", "tenant", "ending", "account_type", "status", "verification", "more")
    list_filter: ClassVar = ("status", "verification", "account_type")
    list_select_related = ("tenant",)
    search_fields: ClassVar = (
        "=id",
        "=last_four",
        "=routing",
        "tenant__name",
        "tenant__external_id",
    )
    ordering = ("-id",)
    fields = (
        ("tenant", "holder_name"),
        ("routing", "account_type", "ending", "individual_id"),
        ("status", "verification", "verification_method", "verified_on"),
        ("version", "created_at", "more"),
    )

    @admin.display(ordering="last_four")
    def ending(self, account: BankAccount) -> str:
        return f"••{account.last_four}"

    @admin.display
    def more(self, account: BankAccount) -> str:
        versions = list_link(BankAccountVersion, "versions", account=account.pk)
        return versions + " " + list_link(Mandate, "mandates", bank_account=account.pk)


@admin.register(BankAccountVersion)
class BankAccountVersionAdmin(OfVisible):
    part_of = "account"
    whole = BankAccount
    list_display = (
        "account",
        "version",
        "routing",
        "account_type",
        "last_four",
        "reason",
        "created_at",
    )
    list_select_related = ("account",)
    search_fields: ClassVar = ("=account__id", "=last_four", "account__tenant__name")
    ordering = ("-id",)
    fields = (
        ("account", "version", "reason", "created_at"),
        ("routing", "account_type", "last_four", "holder_name", "individual_id"),
    )


@admin.register(MandateText)
class MandateTextAdmin(ReadOnlyAdmin):
    list_display = ("version", "language", "sha256")
    fields = ("version", "language", "body", "sha256")


@admin.register(Mandate)
class MandateAdmin(HistoryAdmin):
    list_display = ("id", "tenant", "lease", "sec_code", "range", "status", "bank_account", "more")
    list_filter: ClassVar = ("status", "sec_code", "channel", "recurring")
    list_select_related = ("tenant", "lease", "bank_account")
    search_fields: ClassVar = (
        "=id",
        "tenant__name",
        "tenant__external_id",
        "=lease__external_id",
        "=bank_account__last_four",
    )
    ordering = ("-id",)

    @admin.display
    def range(self, mandate: Mandate) -> str:
        return f"{dollars(mandate.min_cents)} to {dollars(mandate.max_cents)}"

    @admin.display
    def more(self, mandate: Mandate) -> str:
        plans = list_link(Autopay, "autopay", mandate=mandate.pk)
        return plans + " " + list_link(mandate.payments.model, "payments", mandate=mandate.pk)


@admin.register(Autopay)
class AutopayAdmin(HistoryAdmin):
    list_display = ("id", "tenant", "lease", "mode", "plan", "day_of_month", "starts_on", "ends_on")
    list_filter: ClassVar = ("mode", "day_of_month")
    list_select_related = ("tenant", "lease")
    search_fields: ClassVar = ("=id", "tenant__name", "tenant__external_id", "=lease__external_id")
    ordering = ("-id",)

    @admin.display(ordering="cents")
    def plan(self, autopay: Autopay) -> str:
        if autopay.basis_points:
            return f"{autopay.basis_points / 100:g} % of what is due"
        return dollars(autopay.cents) if autopay.cents else "what is due"


@admin.register(AutopayPause)
class AutopayPauseAdmin(OfVisible):
    part_of = "autopay"
    whole = Autopay
    list_display = ("autopay", "starts_on", "ends_on", "resumes", "reason")
    list_select_related = ("autopay",)
    search_fields: ClassVar = ("=autopay__id", "autopay__tenant__name")
    ordering = ("-id",)


@admin.register(Notice)
class NoticeAdmin(AmountColumn, HistoryAdmin):
    list_display = ("id", "mandate", "kind", "amount", "debit_on", "wanted_at", "sent_at")
    list_filter: ClassVar = ("kind",)
    list_select_related = ("mandate",)
    search_fields: ClassVar = ("=id", "=mandate__id", "mandate__tenant__name")
    ordering = ("-id",)
