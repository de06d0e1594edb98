from django.contrib import admin

from housing_ach.erp.models import AccountMap, Posting, Target
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    list_display = ("name", "dialect", "schema", "is_active", "starts_on")


@admin.register(AccountMap)
class AccountMapAdmin(ReadOnlyAdmin):
    list_display = ("target", "fund", "number", "code")


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("source_ref", "target", "day", "status", "line_count", "posted_at", "problem")
    list_filter = ("target", "status")
    date_hierarchy = "day"
