"""The addresses that are told what happens: added, watched, replayed and stopped on the desk."""

import re

import pytest
from django.test import Client as Browser

from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role
from housing_ach.vault.services import reveal
from housing_ach.webhooks.models import Delivery, Endpoint
from housing_ach.webhooks.services import add_endpoint
from housing_ach.webhooks.services.endpoints import sealed_for
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus
from tests import integrations
from tests.batches.town import NOON
from tests.desk.signing_in import verified
from tests.desk.test_integrations_clients import browser
from tests.factories import AT, PropertyFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/desk/integrations/webhooks/"
URL = "https://hooks.example/ach"
SECRET = re.compile(r"data-secret>\s*(whsec_\S+)\s*<")


@pytest.fixture(autouse=True)
def noon():
    start(NOON)


@pytest.fixture
def endpoint() -> Endpoint:
    return add_endpoint(client=integrations.register(), url=URL, at=AT)[0]


def page(endpoint: Endpoint, more: str = "") -> str:
    return f"{LIST}{endpoint.pk}/{more}"


def add(admin: Browser, **typed: object):
    client = integrations.register()
    form = {"client": client.pk, "url": URL, "code": "first"}
    return admin.post(f"{LIST}new/", form | typed)


def newest_secret(endpoint: Endpoint) -> str:
    secret = endpoint.secrets.get(ends_at=None)
    return reveal(secret.token, context=sealed_for(endpoint.pk)).decode()


def test_an_address_is_added_and_its_secret_shown_once():
    admin = browser()

    answer = add(admin, families=["file"], description="Books")
    endpoint = Endpoint.objects.get()
    told = SECRET.search(answer.text)

    assert told
    assert told.group(1) == newest_secret(endpoint)
    assert "no-store" in answer["Cache-Control"]
    assert told.group(1) not in admin.get(page(endpoint)).text
    assert "file.rejected" in endpoint.kinds
    assert not [kind for kind in endpoint.kinds if not kind.startswith("file.")]


def test_none_chosen_is_told_everything():
    add(browser())

    assert Endpoint.objects.get().kinds == []


@pytest.mark.parametrize(
    "typed", [{"url": "https://user:word@hooks.example/"}, {"url": "nowhere"}, {"code": "wrong"}]
)
def test_what_makes_no_address_is_refused(typed):
    answer = add(browser(), **typed)

    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_a_page_sent_again_adds_no_second_address(endpoint):
    form = {"client": endpoint.client_id, "url": URL, "code": "first"}

    answer = browser().post(f"{LIST}new/", form)

    assert answer.status_code == 422
    assert Endpoint.objects.count() == 1


def test_it_is_paused_resumed_and_disabled(endpoint):
    admin, seen = browser(), []

    for do in ("pause", "resume", "disable"):
        assert admin.post(page(endpoint, "act/"), {"do": do}).status_code == 302
        seen.append(Endpoint.objects.get().status)

    assert seen == [EndpointStatus.PAUSED, EndpointStatus.ACTIVE, EndpointStatus.DISABLED]


def test_what_somebody_did_first_is_told(endpoint):
    admin = browser()
    admin.post(page(endpoint, "act/"), {"do": "pause"})

    again = admin.post(page(endpoint, "act/"), {"do": "pause"})

    assert again.status_code == 422
    assert "Somebody was faster" in again.text


def test_a_rotated_secret_is_shown_once_and_not_again_by_the_same_page(endpoint):
    admin, before = browser(), newest_secret(endpoint)
    seen = admin.get(page(endpoint)).context["rotate"]["seen"].value()
    form = {"code": "first", "seen": seen}

    answer = admin.post(page(endpoint, "secret/"), form)
    told = SECRET.search(answer.text)
    again = admin.post(page(endpoint, "secret/"), form)

    assert told
    assert told.group(1) == newest_secret(endpoint) != before
    assert "no-store" in answer["Cache-Control"]
    assert again.status_code == 422
    assert endpoint.secrets.count() == 2


def test_no_secret_is_rotated_without_a_fresh_code(endpoint):
    seen = endpoint.secrets.get().pk

    answer = browser().post(page(endpoint, "secret/"), {"code": "wrong", "seen": seen})

    assert answer.status_code == 422
    assert endpoint.secrets.count() == 1


def test_a_ping_is_queued(endpoint):
    browser(Role.FINANCE).post(page(endpoint, "ping/"))

    assert Delivery.objects.get().kind == "ping"


def test_the_inspector_shows_what_was_sent_and_what_came_back(endpoint):
    integrations.tell(endpoint, 500, body="out of order")
    integrations.tell(endpoint, None)

    shown = browser(Role.AUDITOR).get(page(endpoint)).text

    assert "webhook-signature: v1,…" in shown
    assert "Content-Type: text/plain" in shown
    assert "out of order" in shown
    assert "Nothing: ConnectTimeout" in shown
    assert "31 ms" in shown
    assert "&quot;type&quot;: &quot;payment.returned&quot;" in shown


@pytest.mark.parametrize(
    "private", ["123456789", "1234 5678 9012", "whsec_c2VjcmV0", "Bearer eyJhbGciOi.abc"]
)
def test_the_inspector_hides_what_looks_private(endpoint, private):
    integrations.tell(endpoint, 200, body=f"said {private} twice <b>")

    shown = browser().get(page(endpoint)).text

    assert private not in shown
    assert "said ••••" in shown
    assert "<b>" not in shown


def test_the_inspector_shows_the_last_hundred_tries_in_as_many_questions(
    endpoint, django_assert_max_num_queries
):
    for _ in range(102):
        integrations.tell(endpoint, 200)
    auditor = browser(Role.AUDITOR)
    auditor.get(page(endpoint))

    with django_assert_max_num_queries(20):
        answer = auditor.get(page(endpoint))

    assert len(answer.context["attempts"]) == 100


def test_one_message_is_sent_again(endpoint):
    first = integrations.tell(endpoint, 200).delivery
    other = integrations.tell(endpoint, 200).delivery

    browser().post(page(endpoint, "replay/"), {"delivery": first.pk})

    statuses = dict(Delivery.objects.values_list("pk", "status"))
    assert statuses == {first.pk: DeliveryStatus.PENDING, other.pk: DeliveryStatus.DELIVERED}


def test_no_other_endpoints_message_is_sent_again(endpoint):
    client = integrations.register(name="Another")
    other, _ = add_endpoint(client=client, url=URL, at=AT)
    foreign = integrations.tell(other, 200).delivery

    browser().post(page(endpoint, "replay/"), {"delivery": foreign.pk})

    assert Delivery.objects.get().status == DeliveryStatus.DELIVERED


@pytest.mark.parametrize(("which", "again"), [("FAILED", 1), ("ALL", 2)])
def test_a_range_of_days_is_sent_again(endpoint, which, again):
    integrations.tell(endpoint, 200)
    integrations.tell(endpoint, None)
    days = {"first": AT.date(), "last": AT.date(), "which": which}

    browser().post(page(endpoint, "replay/"), days)

    assert Delivery.objects.pending().count() == again


def test_days_without_messages_send_nothing(endpoint):
    integrations.tell(endpoint, None)

    browser().post(
        page(endpoint, "replay/"), {"first": "2020-01-01", "last": "2020-01-02", "which": "ALL"}
    )

    assert not Delivery.objects.pending().exists()


def test_a_range_that_ends_before_it_begins_is_refused(endpoint):
    days = {"first": "2026-03-02", "last": "2026-03-01", "which": "ALL"}

    assert browser().post(page(endpoint, "replay/"), days).status_code == 422


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_others_set_nothing_up(endpoint, role):
    other = browser(role)

    answers = [
        other.get(f"{LIST}new/"),
        other.post(page(endpoint, "act/"), {"do": "disable"}),
        other.post(page(endpoint, "secret/"), {"seen": 1}),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert Endpoint.objects.get().status == EndpointStatus.ACTIVE


def test_an_auditor_sends_nothing(endpoint):
    auditor = browser(Role.AUDITOR)

    assert auditor.post(page(endpoint, "ping/")).status_code == 403
    assert auditor.post(page(endpoint, "replay/")).status_code == 403


def test_a_manager_sees_no_addresses(endpoint):
    manager = UserFactory(is_staff=True)
    give_role(manager, Role.PROPERTY_MANAGER, to=PropertyFactory())

    assert verified(manager).get(LIST).status_code == 403


def test_an_address_that_names_a_batch_is_the_clients_callback():
    url = "https://hms.example/ach/status/{batchId}"
    admin = browser()

    answer = add(admin, url=url)
    endpoint = Endpoint.objects.get()
    form = {"client": endpoint.client_id, "url": f"{url}/again"}
    second = admin.post(f"{LIST}new/", form)

    assert answer.status_code == 200
    assert endpoint.is_callback
    assert "Returns of its own batches" in admin.get(LIST).text
    assert second.status_code == 422


def test_nothing_is_sent_to_a_disabled_address(endpoint):
    delivery = integrations.tell(endpoint, 200).delivery
    admin = browser()
    admin.post(page(endpoint, "act/"), {"do": "disable"})

    ping = admin.post(page(endpoint, "ping/"))
    replay = admin.post(page(endpoint, "replay/"), {"delivery": delivery.pk})

    assert (ping.status_code, replay.status_code) == (422, 422)
    assert not Delivery.objects.pending().exists()
