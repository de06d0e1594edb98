from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest

from housing_ach.users.models import User

if TYPE_CHECKING:
    CreationForm = AdminUserCreationForm[User]
    BaseUserAdmin = StockUserAdmin[User]
else:
    CreationForm, BaseUserAdmin = AdminUserCreationForm, StockUserAdmin


# Who may change users could otherwise make himself one who moves money.
SUPERUSERS_GIVE = ("is_superuser", "user_permissions")
OTHERS_GIVE = ("is_active", "is_staff", "groups")


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

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        kept = tuple(super().get_readonly_fields(request, obj))
        if _is_superuser(request):
            return kept
        own = obj is not None and obj.pk == request.user.pk
        return (*kept, *SUPERUSERS_GIVE, *(OTHERS_GIVE if own else ()))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody below takes over a superuser by changing the password."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or _is_superuser(request))


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
