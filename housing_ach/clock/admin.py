from django.contrib import admin

from housing_ach.clock.models import Clock, Run
from housing_ach.shared.read_only_admin import ReadOnlyAdmin


@admin.register(Clock)
class ClockAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "frozen_at")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("job", "on", "window", "started_at", "finished_at")
    list_filter = ("job",)
    date_hierarchy = "on"
