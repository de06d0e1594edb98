from django.urls import include, path
from two_factor.urls import urlpatterns as two_factor_urls

from housing_ach.portal.views import account, home

account_urls = [
    path("theme/", account.theme, name="theme"),
    path("sign-out/", account.SignOut.as_view(), name="sign-out"),
    path("invitation/<uidb64>/<token>/", account.Invitation.as_view(), name="invitation"),
    path("password/", account.ForgottenPassword.as_view(), name="password-forgotten"),
    path("password/sent/", account.ForgottenPasswordSent.as_view(), name="password-sent"),
    path("password/<uidb64>/<token>/", account.NewPassword.as_view(), name="password-new"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("", include(two_factor_urls)),
    path("account/", include((account_urls, "account"))),
    path("language/", include("django.conf.urls.i18n")),
]
