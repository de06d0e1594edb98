from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html

from housing_ach.returns.models import Correction, Return
from housing_ach.returns.policy import policy_of
from housing_ach.shared.money import dollars
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


def link(row: Model | None) -> str:
    if row is None:
        return "-"
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row.pk]), row)


class ToldAdmin(ReadOnlyAdmin):
    """What a bank said of an entry, with the way to the entry, its payment and the two files."""

    list_filter: ClassVar[tuple[str, ...]] = ("code", "banking_on")
    list_select_related: ClassVar = ("file", "entry__payment", "entry__batch__file")
    date_hierarchy = "banking_on"
    ordering = ("-pk",)

    @admin.display(description="entry")
    def entry_link(self, row: Any) -> str:
        return link(row.entry)

    @admin.display(description="payment")
    def payment_link(self, row: Any) -> str:
        return link(row.entry and row.entry.payment)

    @admin.display(description="file that brought it")
    def file_link(self, row: Any) -> str:
        return link(row.file)

    @admin.display(description="file that carried the entry")
    def sent_file_link(self, row: Any) -> str:
        return link(row.entry and row.entry.batch.file)


@admin.register(Return)
class ReturnAdmin(ToldAdmin):
    list_display = ("id", "banking_on", "kind", "code", "meaning", "amount", "entry_link")
    list_filter: ClassVar[tuple[str, ...]] = ("kind", *ToldAdmin.list_filter)
    search_fields: ClassVar = ("=original_trace", "=return_trace", "=entry__payment__id")
    fields: ClassVar = (
        ("kind", "code", "meaning"),
        ("amount", "banking_on", "received_at"),
        ("original_trace", "return_trace", "original_rdfi"),
        ("information", "died_on"),
        ("entry_link", "payment_link"),
        ("file_link", "line", "sent_file_link"),
    )

    @admin.display
    def meaning(self, row: Return) -> str:
        return policy_of(row.code).meaning

    @admin.display
    def amount(self, row: Return) -> str:
        return dollars(row.cents)


@admin.register(Correction)
class CorrectionAdmin(ToldAdmin):
    list_display = ("id", "banking_on", "code", "status", "changed", "entry_link")
    list_filter: ClassVar[tuple[str, ...]] = ("status", *ToldAdmin.list_filter)
    search_fields: ClassVar = ("=original_trace", "=correction_trace", "=entry__payment__id")
    fields: ClassVar = (
        ("code", "status", "banking_on", "received_at"),
        ("changed", "reason"),
        ("original_trace", "correction_trace", "original_rdfi"),
        ("entry_link", "payment_link", "new_version"),
        ("file_link", "line", "sent_file_link"),
    )
