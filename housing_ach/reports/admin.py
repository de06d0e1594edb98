from typing import ClassVar

from django.contrib import admin

from housing_ach.reports.models import Document
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Who had which paper made, of what, and its hash. The bytes are handed out by the pages."""

    list_display = ("name", "kind", "status", "language", "pages", "size", "made_by", "made_at")
    list_filter: ClassVar = ("kind", "status", "language")
    list_select_related: ClassVar = ("made_by",)
    search_fields: ClassVar = ("name", "=subject_id", "=sha256")
    date_hierarchy = "made_at"
    ordering = ("-pk",)
    fields: ClassVar = (
        ("name", "kind", "language"),
        ("subject", "subject_id"),
        ("status", "progress", "message"),
        ("sha256", "size", "pages"),
        ("made_by", "made_at"),
    )
