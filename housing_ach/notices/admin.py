from typing import ClassVar

from django.contrib import admin

from housing_ach.notices.models import Message, Preference
from housing_ach.shared.admin_links import subject_link
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Who was told what, when, in which words. The link of an invitation is in the mail alone."""

    list_display = ("id", "queued_at", "kind", "recipient", "title", "template_version", "status")
    list_filter: ClassVar = ("status", "kind", "language")
    search_fields: ClassVar = ("=id", "recipient", "=subject_id", "=sha256")
    date_hierarchy = "queued_at"
    ordering = ("-queued_at", "-pk")
    fields: ClassVar = (
        ("kind", "template_version", "language"),
        ("recipient", "tenant"),
        ("about", "occasion"),
        ("status", "tries", "problem"),
        ("queued_at", "sent_at"),
        ("title", "sha256"),
        "body",
    )

    @admin.display
    def about(self, message: Message) -> str:
        return subject_link(message.subject, message.subject_id)


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "language", "muted")
    list_filter: ClassVar = ("language",)
    list_select_related = ("tenant",)
