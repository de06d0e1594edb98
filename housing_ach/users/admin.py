from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from housing_ach.users.models import User

if TYPE_CHECKING:
    CreationForm = AdminUserCreationForm[User]
    BaseUserAdmin = StockUserAdmin[User]
else:
    CreationForm, BaseUserAdmin = AdminUserCreationForm, StockUserAdmin


class NewUserForm(CreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    add_form = NewUserForm
    list_display = ("email", "name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "joined_at")
    filter_horizontal: ClassVar = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        (
            "Rights",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "name", "usable_password", "password1", "password2"),
            },
        ),
    )
