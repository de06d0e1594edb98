from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm

from housing_ach.bank.models import BankProfile, Company, Window
from housing_ach.bank.services import refuse_sandbox_profile, refuse_sandbox_routing
from housing_ach.shared.problems import Refusal

if TYPE_CHECKING:
    ProfileForm = ModelForm[BankProfile]
    ProfileAdmin = admin.ModelAdmin[BankProfile]
    WindowRows = admin.TabularInline[Window, BankProfile]
    CompanyFormBase = ModelForm[Company]
    CompanyAdminBase = admin.ModelAdmin[Company]
else:
    ProfileForm = CompanyFormBase = ModelForm
    ProfileAdmin = CompanyAdminBase = admin.ModelAdmin
    WindowRows = admin.TabularInline


class BankProfileForm(ProfileForm):
    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            refuse_sandbox_profile(
                BankProfile(
                    name=values.get("name", ""),
                    is_sandbox=values.get("is_sandbox", False),
                    immediate_destination=values.get("immediate_destination", ""),
                )
            )
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal
        return values


class CompanyForm(CompanyFormBase):
    def clean_odfi(self) -> str:
        odfi = str(self.cleaned_data["odfi"])
        try:
            refuse_sandbox_routing(odfi, field="odfi")
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal
        return odfi


class WindowInline(WindowRows):
    model = Window
    extra = 0


@admin.register(BankProfile)
class BankProfileAdmin(ProfileAdmin):
    form = BankProfileForm
    inlines = (WindowInline,)
    list_display = ("name", "host", "port", "is_sandbox", "settlement", "clear_after")
    readonly_fields = ("client_key", "offset_account")
    fieldsets = (
        (None, {"fields": ("name", "is_sandbox")}),
        (
            "Server",
            {
                "fields": (
                    ("host", "port", "username"),
                    "host_key",
                    "client_key",
                    ("outbound_folder", "temp_folder", "inbound_folder"),
                    ("can_rename", "can_read_back", "can_stat"),
                )
            },
        ),
        (
            "Files",
            {
                "fields": (
                    ("immediate_destination", "immediate_destination_name"),
                    ("immediate_origin", "immediate_origin_name"),
                    "line_ending",
                    ("balanced", "offset_routing", "offset_account"),
                    "rule_overrides",
                )
            },
        ),
        (
            "Money",
            {
                "fields": (
                    ("settlement", "returns_charged", "credits_funded"),
                    ("clear_after", "ack_minutes"),
                )
            },
        ),
    )


@admin.register(Company)
class CompanyAdmin(CompanyAdminBase):
    form = CompanyForm
    list_display = ("name", "company_id", "odfi", "profile")
    list_filter = ("profile",)
    list_select_related = ("profile",)
    search_fields = ("name", "company_id")
