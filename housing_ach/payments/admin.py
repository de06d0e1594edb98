"""Payments and where their money is. What people decide, they decide by actions, through services."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from housing_ach.clock.services import now
from housing_ach.ledger.models import Journal
from housing_ach.payments import services
from housing_ach.payments.models import Allocation, Limit, Order, Payment, PaymentTarget, Release
from housing_ach.payments.states import Purpose
from housing_ach.shared.admin_amount import AmountColumn
from housing_ach.shared.admin_links import link, list_link
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.shared.read_only_admin import ReadOnlyAdmin
from housing_ach.tenants.admin import HistoryAdmin
from housing_ach.users.models import User

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Limit]
    PaymentRows = admin.TabularInline[Any, Payment]
else:
    ModelAdmin = admin.ModelAdmin
    PaymentRows = admin.TabularInline


class ReasonForm(ActionForm):
    reason = forms.CharField(required=False, max_length=200)


class OfPayment(AmountColumn, PaymentRows):
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TargetInline(OfPayment):
    model = PaymentTarget
    fields = ("share", "amount")
    readonly_fields = fields


class AllocationInline(OfPayment):
    model = Allocation
    fields = ("share", "amount", "made_at", "ended")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("share", "release")

    @admin.display
    def ended(self, allocation: Allocation) -> str:
        release = getattr(allocation, "release", None)
        return release.reason if release else ""


@admin.register(Order)
class OrderAdmin(AmountColumn, HistoryAdmin):
    list_display = ("id", "kind", "tenant", "lease", "amount", "period_on", "made_at", "payments")
    list_filter: ClassVar = ("kind",)
    list_select_related = ("tenant", "lease")
    search_fields: ClassVar = (
        "=id",
        "=external_id",
        "tenant__name",
        "tenant__external_id",
        "=lease__external_id",
    )
    date_hierarchy = "made_at"
    ordering = ("-id",)

    @admin.display
    def payments(self, order: Order) -> str:
        return list_link(Payment, "payments", order=order.pk)


@admin.register(Payment)
class PaymentAdmin(AmountColumn, HistoryAdmin):
    list_display = (
        "id",
        "status",
        "tenant",
        "lease",
        "purpose",
        "amount",
        "effective_on",
        "ending",
        "more",
    )
    list_filter: ClassVar = ("status", "purpose", "direction", "method", "fund", "needs_approval")
    list_select_related = ("tenant", "lease", "bank_account")
    search_fields: ClassVar = (
        "=id",
        "tenant__name",
        "tenant__external_id",
        "=lease__external_id",
        "=bank_account__last_four",
        "=entries__trace",
    )
    date_hierarchy = "effective_on"
    ordering = ("-id",)
    action_form = ReasonForm
    actions = ("approve", "release", "cancel")
    inlines = (TargetInline, AllocationInline)
    fields = (
        ("status", "amount", "direction", "method", "purpose"),
        ("tenant", "lease", "fund", "order_link"),
        ("mandate", "bank_account", "sec_code"),
        ("requested_on", "effective_on", "first_settled_on", "attempts", "retries"),
        ("made_by", "made_at", "needs_approval"),
        ("approved_by", "approved_at", "released_by", "released_at"),
        "more",
    )

    @admin.display(ordering="cents")
    def amount(self, payment: Payment) -> str:
        """Whoever knows the amounts of micro-deposits could verify another's account."""
        return "••" if payment.purpose == Purpose.MICRO_DEPOSIT else dollars(payment.cents)

    @admin.display(ordering="bank_account__last_four")
    def ending(self, payment: Payment) -> str:
        return f"••{payment.bank_account.last_four}" if payment.bank_account else ""

    @admin.display(description="order")
    def order_link(self, payment: Payment) -> str:
        return link(payment.order)

    @admin.display
    def more(self, payment: Payment) -> str:
        about = {"subject": payment._meta.label_lower, "subject_id": payment.pk}
        entries = list_link(payment.entries.model, "entries", payment=payment.pk)
        return entries + " " + list_link(Journal, "journal", **about)

    def has_work_permission(self, request: HttpRequest) -> bool:
        """Payments are worked by actions alone, so the right to change them opens no form."""
        return request.user.has_perm("payments.change_payment")

    @admin.action(description="Approve", permissions=["work"])
    def approve(self, request: HttpRequest, payments: QuerySet[Payment]) -> None:
        _each(request, payments, services.approve, "approved")

    @admin.action(description="Release held, saying why", permissions=["work"])
    def release(self, request: HttpRequest, payments: QuerySet[Payment]) -> None:
        reason = request.POST.get("reason", "")
        _each(request, payments, partial(services.release, reason=reason), "released")

    @admin.action(description="Cancel, saying why", permissions=["work"])
    def cancel(self, request: HttpRequest, payments: QuerySet[Payment]) -> None:
        reason = request.POST.get("reason", "")
        _each(request, payments, partial(services.cancel, reason=reason), "cancelled")


class OfVisiblePayment(ReadOnlyAdmin):
    """Rows of payments its user may see."""

    payment_path = "payment"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Payment.objects.visible_to(cast("User", request.user))
        return super().get_queryset(request).filter(**{f"{self.payment_path}__in": visible})


@admin.register(PaymentTarget)
class PaymentTargetAdmin(AmountColumn, OfVisiblePayment):
    list_display = ("id", "payment", "share", "amount")
    list_select_related = ("payment", "share")
    search_fields: ClassVar = ("=payment__id", "payment__tenant__name")
    ordering = ("-id",)


@admin.register(Allocation)
class AllocationAdmin(AmountColumn, OfVisiblePayment):
    list_display = ("id", "payment", "share", "amount", "made_at")
    list_select_related = ("payment", "share")
    search_fields: ClassVar = ("=payment__id", "payment__tenant__name")
    ordering = ("-id",)


@admin.register(Release)
class ReleaseAdmin(OfVisiblePayment):
    payment_path = "allocation__payment"
    list_display = ("allocation", "reason", "made_at")
    list_filter: ClassVar = ("reason",)
    list_select_related = ("allocation",)
    search_fields: ClassVar = ("=allocation__payment__id", "allocation__payment__tenant__name")
    ordering = ("-id",)


@admin.register(Limit)
class LimitAdmin(ModelAdmin):
    """Set here and lifted by emptying it; the audit keeps what was."""

    list_display = ("company", "direction", "per_payment_cents", "per_day_cents")
    list_select_related = ("company",)
    search_fields: ClassVar = ("company__name", "company__company_id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _each(
    request: HttpRequest, payments: QuerySet[Payment], decide: Callable[..., None], word: str
) -> None:
    who = {"by": cast("User", request.user), "at": now()}
    for payment in payments.order_by("pk"):
        try:
            decide(payment, **who)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, f"Payment {payment} is {word}")
