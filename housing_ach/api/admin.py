from typing import ClassVar

from django.contrib import admin

from housing_ach.api.models import DroppedFile
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


@admin.register(DroppedFile)
class DroppedFileAdmin(ReadOnlyAdmin):
    """What programs brought by SFTP, and what became of each row. Acks hold no account numbers."""

    list_display = ("name", "client", "received_at", "size", "status", "answered_at", "submission")
    list_filter: ClassVar = ("status", "partial", "client")
    list_select_related = ("client", "submission")
    search_fields: ClassVar = ("=id", "name", "=sha256", "=client__client_id")
    date_hierarchy = "received_at"
    ordering = ("-received_at", "-pk")
    fields: ClassVar = (
        ("name", "client"),
        ("status", "partial"),
        ("received_at", "answered_at"),
        ("size", "sha256"),
        "submission",
        "ack",
    )
