from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from housing_ach.ledger.models import Account, Balance, Fund, Journal, Transfer
from housing_ach.ledger.services import close_period
from housing_ach.shared.admin_amount import AmountColumn
from housing_ach.shared.admin_links import list_link, subject_link
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.shared.read_only_admin import ReadOnlyAdmin

if TYPE_CHECKING:
    FundAdminBase = admin.ModelAdmin[Fund]
    TransferRows = admin.TabularInline[Transfer, Journal]
else:
    FundAdminBase = admin.ModelAdmin
    TransferRows = admin.TabularInline


class CloseForm(ActionForm):
    through = forms.CharField(required=False)


@admin.register(Fund)
class FundAdmin(FundAdminBase):
    list_display = ("code", "kind", "name", "company", "closed_through", "accounts")
    list_filter = ("kind",)
    list_select_related = ("company",)
    search_fields = ("code", "name")
    readonly_fields = ("closed_through",)
    action_form = CloseForm
    actions = ("close_books",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display
    def accounts(self, fund: Fund) -> str:
        return list_link(Account, "accounts", fund__id__exact=fund.pk)

    @admin.action(description="Close the books through", permissions=["change"])
    def close_books(self, request: HttpRequest, funds: QuerySet[Fund]) -> None:
        try:
            through = forms.DateField(label="through").clean(request.POST.get("through", ""))
        except forms.ValidationError as error:
            messages.error(request, f"through: {error.message}")
            return
        for fund in funds:
            try:
                close_period(fund, through=through)
            except Refusal as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"{fund} is closed through {through}")


class LedgerAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_per_page = 50


@admin.register(Account)
class AccountAdmin(LedgerAdmin):
    """The balance is debits less credits."""

    list_display = ("id", "fund", "number", "name", "party", "lease", "amount", "transfers")
    list_filter: ClassVar = ("fund", "number")
    list_select_related = ("fund", "balance")
    search_fields: ClassVar = ("=number", "=party", "=lease")
    ordering = ("fund", "number", "party", "lease")
    fields = ("fund", "number", "name", "party", "lease", "amount", "transfers")

    @admin.display
    def name(self, account: Account) -> str:
        return account.name

    @admin.display(description="balance")
    def amount(self, account: Account) -> str:
        return dollars(account.balance.cents) if hasattr(account, "balance") else dollars(0)

    @admin.display
    def transfers(self, account: Account) -> str:
        debits = list_link(Transfer, "debits", debit=account.pk)
        return debits + " " + list_link(Transfer, "credits", credit=account.pk)


@admin.register(Balance)
class BalanceAdmin(AmountColumn, LedgerAdmin):
    list_display = ("account", "amount")
    list_filter: ClassVar = ("account__fund", "account__number")
    list_select_related = ("account",)
    search_fields: ClassVar = ("=account__party", "=account__lease")
    fields = ("account", "amount")


class TransferInline(AmountColumn, TransferRows):
    model = Transfer
    fields = ("debit", "credit", "amount", "reference")
    readonly_fields = fields
    can_delete = False
    max_num = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("debit", "credit")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Journal)
class JournalAdmin(LedgerAdmin):
    list_display = ("id", "effective_on", "fund", "kind", "about", "posted_at")
    list_filter: ClassVar = ("fund", "kind")
    list_select_related = ("fund",)
    search_fields: ClassVar = ("=id", "=subject_id", "=transfers__reference")
    date_hierarchy = "effective_on"
    ordering = ("-id",)
    inlines = (TransferInline,)
    fields = ("fund", "kind", "effective_on", "posted_at", "about", "reverses")

    @admin.display
    def about(self, journal: Journal) -> str:
        return subject_link(journal.subject, journal.subject_id)


@admin.register(Transfer)
class TransferAdmin(AmountColumn, LedgerAdmin):
    list_display = ("id", "journal", "debit", "credit", "amount", "reference")
    list_filter: ClassVar = ("fund",)
    list_select_related = ("journal", "debit", "credit")
    search_fields: ClassVar = ("=reference", "=debit__party", "=credit__party")
    ordering = ("-id",)
    fields = ("journal", "fund", "debit", "credit", "amount", "reference")
