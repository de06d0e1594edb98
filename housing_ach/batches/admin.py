from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from housing_ach.audit.models import Event
from housing_ach.batches import services
from housing_ach.batches.models import Arrival, BankFile, Batch, Entry, Evidence
from housing_ach.clock.services import now
from housing_ach.payments.states import Purpose
from housing_ach.shared.admin_links import link, list_link
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


class DecisionAdmin(ReadOnlyAdmin):
    """Nothing is editable; what people decide goes through a service, and its refusal is shown."""

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("batches.change_batch")

    def decide(
        self, request: HttpRequest, rows: QuerySet[Any], done: str, act: Callable[[Any], None]
    ) -> None:
        for row in rows.order_by("pk"):
            try:
                act(row)
            except Refusal as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, f"{row}: {done}.")

    @admin.display
    def timeline(self, row: Model) -> str:
        events = (
            Event.objects.about(row).order_by("pk").values_list("at", "kind", "became", "actor")
        )
        lines = (
            (f"{at:%Y-%m-%d %H:%M:%S}", kind, became, actor) for at, kind, became, actor in events
        )
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{} {} {} {}</li>", lines))

    @admin.display(description="amount", ordering="cents")
    def amount(self, row: Any) -> str:
        return dollars(row.cents)


@admin.register(BankFile)
class BankFileAdmin(DecisionAdmin):
    list_display = ("name", "direction", "kind", "status", "size", "made_at", "published_at")
    list_filter = ("direction", "kind", "status", "profile")
    search_fields: ClassVar = ("name", "=sha256")
    date_hierarchy = "made_at"
    ordering = ("-pk",)
    actions = ("confirm_published", "confirm_lost")
    fields: ClassVar = (
        ("name", "direction", "kind", "status"),
        ("sha256", "size", "attempt"),
        ("profile", "window", "processing_on", "cut_off_at"),
        ("origin", "creation_on", "creation_time", "modifier"),
        ("made_at", "published_at", "acknowledged_at"),
        "reason",
        ("batch_links", "evidence_link", "arrival_link"),
        "timeline",
        "masked_copy",
    )

    @admin.display(description="batches")
    def batch_links(self, file: BankFile) -> str:
        return format_html_join(
            " ", "{}", ((link(batch),) for batch in file.batches.order_by("pk"))
        )

    @admin.display(description="evidence")
    def evidence_link(self, file: BankFile) -> str:
        return list_link(Evidence, "what it proved", file__id__exact=file.pk)

    @admin.display(description="arrivals")
    def arrival_link(self, file: BankFile) -> str:
        return list_link(Arrival, "when it came", file__id__exact=file.pk)

    @admin.display
    def masked_copy(self, file: BankFile) -> str:
        return format_html("<pre>{}</pre>", file.masked)

    @admin.action(description="The bank has it: post as sent", permissions=["decide"])
    def confirm_published(self, request: HttpRequest, rows: QuerySet[BankFile]) -> None:
        self.decide(
            request, rows, "posted as sent", lambda file: services.confirm_published(file, at=now())
        )

    @admin.action(description="The bank never had it: plan anew", permissions=["decide"])
    def confirm_lost(self, request: HttpRequest, rows: QuerySet[BankFile]) -> None:
        self.decide(
            request, rows, "void, planned anew", lambda file: services.confirm_lost(file, at=now())
        )


@admin.register(Batch)
class BatchAdmin(DecisionAdmin):
    list_display = (
        *("id", "description", "sec_code", "company", "effective_on", "entry_count", "amount"),
        *("status", "made_by", "approved_by"),
    )
    list_filter = ("status", "sec_code", "description", "effective_on", "company")
    list_select_related: ClassVar = ("company", "made_by", "approved_by")
    search_fields: ClassVar = ("=id", "=entries__trace", "=content_sha")
    date_hierarchy = "processing_on"
    ordering = ("-pk",)
    actions = ("approve", "cancel")
    fields: ClassVar = (
        ("status", "company", "fund", "window"),
        ("sec_code", "direction", "description"),
        ("requested_on", "processing_on", "effective_on", "settled_on"),
        ("entry_count", "amount", "entries_link"),
        ("file_link", "number"),
        ("made_by", "made_at"),
        ("approved_by", "approved_at"),
        ("content_sha", "approved_sha"),
        "evidence_link",
        "timeline",
    )

    @admin.display(description="entries")
    def entries_link(self, batch: Batch) -> str:
        return list_link(Entry, "its entries", batch__id__exact=batch.pk)

    @admin.display(description="file")
    def file_link(self, batch: Batch) -> str:
        return link(batch.file)

    @admin.display(description="evidence")
    def evidence_link(self, batch: Batch) -> str:
        return list_link(Evidence, "why we believe it", batch__id__exact=batch.pk)

    @admin.action(description="Approve", permissions=["decide"])
    def approve(self, request: HttpRequest, rows: QuerySet[Batch]) -> None:
        def act(batch: Batch) -> None:
            services.approve(batch, by=request.user, at=now())  # type: ignore[arg-type]

        self.decide(request, rows, "approved", act)

    @admin.action(description="Cancel: its payments are planned anew", permissions=["decide"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Batch]) -> None:
        reason = f"cancelled by {request.user}"
        self.decide(
            request,
            rows,
            "cancelled",
            lambda batch: services.cancel(batch, reason=reason, at=now()),
        )


@admin.register(Entry)
class EntryAdmin(DecisionAdmin):
    list_display = ("id", "trace", "status", "amount", "payment_link", "batch_link", "tenant")
    list_filter = ("status", "transaction_code", "is_retry")
    list_select_related: ClassVar = ("batch__file", "payment__tenant", "account_version")
    search_fields: ClassVar = (
        *("=trace", "=individual_id", "=payment__id", "=account_version__last_four"),
        *("payment__tenant__name", "=payment__tenant__external_id"),
    )
    ordering = ("-pk",)
    show_full_result_count = False
    actions = ("eject",)
    fields: ClassVar = (
        ("status", "reason"),
        ("trace", "line", "file_link"),
        ("payment_link", "tenant", "batch_link"),
        ("amount", "transaction_code", "attempt", "is_retry"),
        ("individual_id", "name", "account_version"),
        ("settled_on", "returned_on", "return_links"),
        "timeline",
    )

    @admin.display(description="amount", ordering="cents")
    def amount(self, row: Entry) -> str:
        """Whoever knows the amounts of micro-deposits could verify another's account."""
        return "••" if row.batch.description == Purpose.MICRO_DEPOSIT else super().amount(row)

    @admin.display(description="payment")
    def payment_link(self, entry: Entry) -> str:
        return link(entry.payment)

    @admin.display(description="batch")
    def batch_link(self, entry: Entry) -> str:
        return link(entry.batch)

    @admin.display(description="file")
    def file_link(self, entry: Entry) -> str:
        return link(entry.batch.file)

    @admin.display
    def tenant(self, entry: Entry) -> str:
        return link(entry.payment and entry.payment.tenant)

    @admin.display(description="returns and corrections")
    def return_links(self, entry: Entry) -> str:
        """Both packages above point here; their rows are found by the names they gave us."""
        told = [*entry.returns.all(), *entry.corrections.all()]
        return format_html_join(" ", "{}", ((link(row),) for row in told))

    @admin.action(description="Eject: its payment is held", permissions=["decide"])
    def eject(self, request: HttpRequest, rows: QuerySet[Entry]) -> None:
        reason = f"ejected by {request.user}"
        self.decide(
            request, rows, "ejected", lambda entry: services.eject(entry, reason=reason, at=now())
        )


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "banking_on", "cents", "batch", "entry", "file", "line")
    list_filter = ("kind", "profile")
    list_select_related: ClassVar = ("batch", "entry", "file")
    date_hierarchy = "banking_on"
    ordering = ("-pk",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"file__id__exact", "batch__id__exact"} or super().lookup_allowed(
            lookup, value, request
        )


@admin.register(Arrival)
class ArrivalAdmin(ReadOnlyAdmin):
    list_display = ("name", "size", "file", "seen_at")
    list_filter = ("profile",)
    list_select_related: ClassVar = ("file",)
    search_fields: ClassVar = ("name",)
    ordering = ("-pk",)
