from typing import ClassVar

from django.contrib import admin

from housing_ach.audit.models import Chain, Digest, Event
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "kind", "subject", "subject_id", "was", "became", "actor")
    list_filter = ("kind", "subject")
    search_fields: ClassVar = ("=subject_id", "=actor")
    show_full_result_count = False


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "table_name", "row_count", "first_id", "last_id", "actor")
    list_filter = ("table_name",)
    show_full_result_count = False


@admin.register(Chain)
class ChainAdmin(ReadOnlyAdmin):
    list_display = ("seq", "digest")
    list_select_related = ("digest",)
    ordering = ("-seq",)
    show_full_result_count = False
