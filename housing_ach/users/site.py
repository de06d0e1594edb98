from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django_otp.admin import OTPAdminSite

from housing_ach.users.middleware import sign_in, to


class Site(OTPAdminSite):  # type: ignore[misc]  # untyped package
    """The stock admin, for staff who have shown their second factor at the one sign-in there is."""

    site_header = site_title = "HMS-ACH"
    index_title = "Records"
    enable_nav_sidebar = False

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        del extra_context
        back = request.GET.get("next", "/admin/")
        if self.has_permission(request):
            return to(request, back)
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        return sign_in(request, back)
