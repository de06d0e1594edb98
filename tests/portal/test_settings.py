import pytest

from housing_ach.notices.models import Preference
from housing_ach.notices.states import Kind
from tests.factories import MandateFactory
from tests.papers import needs_libraries
from tests.portal.payers import payer
from tests.portal.signing_in import PASSWORD

NEW = "another long enough one"


@pytest.fixture
def ada(db):
    ada = payer()
    ada.tenant.user.set_password(PASSWORD)
    ada.tenant.user.save()
    ada.client.force_login(ada.tenant.user)
    return ada


def change(ada, old=PASSWORD, new=NEW, again=NEW):
    form = {"old_password": old, "new_password1": new, "new_password2": again}
    return ada.client.post("/account/settings/password/", form)


def test_the_account_shows_who_it_is_of_and_what_was_signed(ada):
    mandate = MandateFactory(lease=ada.lease, bank_account=ada.account)

    page = ada.client.get("/account/settings/").text

    assert ada.tenant.user.email in page
    assert f"/authorizations/{mandate.pk}.pdf" in page
    assert "/account/two_factor/" in page


@needs_libraries
def test_a_permission_is_a_pdf(ada):
    mandate = MandateFactory(lease=ada.lease, bank_account=ada.account)

    answer = ada.client.get(f"/authorizations/{mandate.pk}.pdf")

    assert answer.content.startswith(b"%PDF")


def test_a_new_password_keeps_this_browser_signed_in(ada):
    answer = change(ada)

    ada.tenant.user.refresh_from_db()
    assert answer.url == "/account/settings/"
    assert ada.client.get(answer.url).status_code == 200
    assert ada.tenant.user.check_password(NEW)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"old": "wrong"}, "old_password"),
        ({"again": "different"}, "new_password2"),
        ({"new": "short", "again": "short"}, "new_password2"),
    ],
)
def test_a_password_that_will_not_do_is_refused_by_name(ada, said, field):
    answer = change(ada, **said)

    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.text
    assert ada.tenant.user.check_password(PASSWORD)


def save(ada, **form):
    return ada.client.post("/account/settings/", {"language": "en"} | form)


def test_messages_and_language_are_chosen(ada):
    answer = save(ada, language="es", wanted=["RECEIPT"])

    preference = Preference.objects.get(tenant=ada.tenant)
    page = ada.client.get(answer.url).text
    assert preference.language == "es"
    assert (preference.wants(Kind.RECEIPT), preference.wants(Kind.AUTOPAY)) == (True, False)
    assert (preference.wants(Kind.RETURNED), "Guardado." in page) == (True, True)


@pytest.mark.parametrize("form", [{"wanted": ["RETURNED"]}, {"language": "xx"}])
def test_what_is_not_offered_is_refused_and_changes_nothing(ada, form):
    answer = save(ada, **form)

    assert answer.status_code == 422
    assert not Preference.objects.exists()


def test_help_explains_every_word_of_a_badge(ada):
    page = ada.client.get("/help/").text

    assert all(f"<dt>{word}</dt>" in page for word in ("On hold", "Processing", "Retry scheduled"))
    assert ada.lease.unit.property.name in page
