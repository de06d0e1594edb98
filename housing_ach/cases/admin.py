from typing import ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from housing_ach.cases import services
from housing_ach.cases.models import Case
from housing_ach.clock.services import now
from housing_ach.shared.admin_links import subject_link
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.shared.read_only_admin import ReadOnlyAdmin
from housing_ach.users.models import User


class ResolveForm(ActionForm):
    resolution = forms.CharField(required=False, max_length=services.TEXT)


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "opened_at", "kind", "summary", "about", "amount", "owner", "status")
    list_filter: ClassVar = ("status", "kind", "owner")
    list_select_related = ("owner",)
    search_fields: ClassVar = ("=id", "=subject_id", "summary")
    date_hierarchy = "opened_at"
    ordering = ("status", "opened_at")
    action_form = ResolveForm
    actions = ("assign_to_me", "resolve")
    fields = (
        ("kind", "status", "opened_at"),
        ("about", "amount"),
        "summary",
        "suggested_fix",
        "facts",
        "owner",
        ("resolution", "resolved_by", "resolved_at"),
    )

    @admin.display
    def about(self, case: Case) -> str:
        return subject_link(case.subject, case.subject_id)

    @admin.display
    def amount(self, case: Case) -> str:
        return dollars(case.cents) if case.cents else ""

    def has_work_permission(self, request: HttpRequest) -> bool:
        """Cases are worked by actions alone, so the right to change them opens no form."""
        return request.user.has_perm("cases.change_case")

    @admin.action(description="Assign to me", permissions=["work"])
    def assign_to_me(self, request: HttpRequest, cases: QuerySet[Case]) -> None:
        for case in cases:
            try:
                services.assign(case, cast("User", request.user))
            except Refusal as refusal:
                messages.error(request, refusal.message)

    @admin.action(description="Resolve, saying how", permissions=["work"])
    def resolve(self, request: HttpRequest, cases: QuerySet[Case]) -> None:
        by, at, words = cast("User", request.user), now(), request.POST.get("resolution", "")
        for case in cases:
            try:
                services.resolve(case, by=by, resolution=words, at=at)
            except Refusal as refusal:
                messages.error(request, f"{case}: {refusal.message}")
            else:
                messages.success(request, f"{case} is resolved")
