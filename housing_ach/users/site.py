from django_otp.admin import OTPAdminSite

from housing_ach.users.forms import SignInForm


class Site(OTPAdminSite):  # type: ignore[misc]  # untyped package
    """The stock admin, for staff who have shown their second factor."""

    site_header = site_title = "HMS-ACH"
    index_title = "Records"
    enable_nav_sidebar = False
    login_form = SignInForm
