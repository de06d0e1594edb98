from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language
from two_factor.urls import urlpatterns as two_factor_urls

from housing_ach.portal.views import (
    account,
    accounts,
    autopay,
    help,
    home,
    lease,
    papers,
    pay,
    payments,
    set_up,
    settings,
)

account_urls = [
    path("theme/", account.theme, name="theme"),
    path("sign-out/", account.SignOut.as_view(), name="sign-out"),
    path("invitation/<uidb64>/<token>/", account.Invitation.as_view(), name="invitation"),
    path("password/", account.ForgottenPassword.as_view(), name="password-forgotten"),
    path("password/sent/", account.ForgottenPasswordSent.as_view(), name="password-sent"),
    path("password/<uidb64>/<token>/", account.NewPassword.as_view(), name="password-new"),
]

portal_urls = [
    path("autopay/", autopay.autopay, name="autopay"),
    path("autopay/set-up/<slug:step>/", set_up.set_up, name="autopay-step"),
    path("autopay/<int:pk>/change/<slug:step>/", set_up.change, name="autopay-change"),
    path("autopay/<int:pk>/done/", set_up.done, name="autopay-done"),
    path("autopay/<int:pk>/skip/", autopay.skip, name="autopay-skip"),
    path("autopay/<int:pk>/pause/", autopay.pause, name="autopay-pause"),
    path("autopay/<int:pk>/resume/", autopay.resume, name="autopay-resume"),
    path("authorizations/<int:pk>/revoke/", autopay.revoke, name="revoke"),
    path("account/banks/", accounts.accounts, name="accounts"),
    path("account/banks/add/", accounts.add, name="account-add"),
    path("account/banks/<int:pk>/verify/", accounts.verify, name="verify"),
    path("account/banks/<int:pk>/verify/start/", accounts.start, name="verify-start"),
    path("account/banks/<int:pk>/remove/", accounts.remove, name="account-remove"),
    path("payments/", payments.payments, name="payments"),
    path("payments/<int:pk>/", payments.payment, name="payment"),
    path("payments/<int:pk>/cancel/", payments.cancel_payment, name="cancel"),
    path("payments/<int:pk>/receipt.pdf", papers.receipt, name="receipt"),
    path("payments/statement.pdf", papers.statement, name="statement"),
    path("payments/balance/", lease.balance, name="balance"),
    path("papers/<int:pk>/", papers.paper, name="paper"),
    path("authorizations/<int:pk>.pdf", papers.authorization, name="authorization"),
    path("pay/", pay.choose, name="pay"),
    path("pay/review/", pay.review, name="pay-review"),
    path("pay/confirm/", pay.confirm, name="pay-confirm"),
    path("pay/<int:pk>/", pay.paid, name="paid"),
    path("roommates/", lease.roommates, name="roommates"),
    path("account/settings/", settings.settings, name="settings"),
    path("account/settings/password/", settings.password, name="password"),
    path("help/", help.guide, name="help"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("", include(two_factor_urls)),
    path("account/", include((account_urls, "account"))),
    path("", include((portal_urls, "portal"))),
    path("language/setlang/", login_not_required(set_language), name="set_language"),
]
