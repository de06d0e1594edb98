"""A program looks after its own endpoints, and sees nobody else's."""

from datetime import timedelta

import pytest

from housing_ach.api.models import IdempotencyKey
from housing_ach.clock import services as clock
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint
from housing_ach.webhooks.services import add_endpoint, disable_endpoint, endpoints, ping, replaying
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus
from tests.api.programs import Program, first_error, seen
from tests.factories import AT

URL = "https://erp.example.org/hooks"
PLACE = "webhook-endpoints"


@pytest.fixture
def program(db):
    clock.start(AT)
    return Program()


@pytest.fixture
def endpoint(program):
    return add_endpoint(client=program.client, url=URL, at=AT)[0]


def failed(endpoint, at=AT):
    """A message that was tried often enough."""
    delivery = ping(endpoint, at=at)
    Delivery.objects.filter(pk=delivery.pk).update(status=DeliveryStatus.FAILED, tries=10)
    return delivery


def one(endpoint, more=""):
    return f"{PLACE}/{endpoint.pk}{more}"


class TestAnEndpoint:
    def test_is_made_with_a_secret_that_is_told_once(self, program):
        answers = [
            program.post(PLACE, {"url": URL, "kinds": ["payment.returned"]}, key="a-key-of-it")
            for _ in "ab"
        ]

        made = Endpoint.objects.get()
        first, again = (answer.json() for answer in answers)
        assert first.pop("secret").startswith("whsec_")
        assert again.pop("secret") is None
        assert "whsec_" not in str(IdempotencyKey.objects.get().body)
        assert first == again
        assert first == {
            "object": "webhook_endpoint",
            "id": str(made.pk),
            "livemode": False,
            "url": URL,
            "kinds": ["payment.returned"],
            "description": "",
            "status": "active",
            "created_at": "2026-03-02T15:00:00Z",
        }
        assert made.client == program.client
        assert program.get(answers[0]["Location"]).json() == first

    @pytest.mark.parametrize(
        ("body", "status", "pointer"),
        [
            ({"url": "http://erp.example.org"}, 409, "/url"),
            ({"url": "https://user:word@erp.example.org"}, 409, "/url"),
            ({}, 422, "/url"),
            ({"url": URL, "kinds": ["payment.lost"]}, 422, "/kinds/0"),
            ({"url": URL, "status": "paused"}, 422, "/status"),
        ],
        ids=str,
    )
    def test_makes_sense(self, program, settings, body, status, pointer):
        settings.WEBHOOK_ALLOW_LOOPBACK = False

        assert first_error(program.post(PLACE, body))[:2] == (status, pointer)
        assert not Endpoint.objects.exists()

    def test_is_one_of_not_too_many(self, program, endpoint, monkeypatch):
        monkeypatch.setattr(endpoints, "MOST", 1)

        refused = program.post(PLACE, {"url": URL})
        disable_endpoint(endpoint)
        taken = program.post(PLACE, {"url": URL})

        assert first_error(refused) == (409, "/url", "TooManyEndpoints")
        assert taken.status_code == 201

    def test_is_changed_as_it_was_seen(self, program, endpoint):
        tag = seen(program.get(one(endpoint)))
        other = {"url": f"{URL}/2", "kinds": ["payment.settled"], "status": "paused"}

        unseen = program.patch(one(endpoint), other)
        changed = program.patch(one(endpoint), other, **tag)
        stale = program.patch(one(endpoint), {"status": "active"}, **tag)
        resumed = program.patch(one(endpoint), {"status": "active"}, **seen(changed))

        endpoint.refresh_from_db()
        codes = [answer.status_code for answer in (unseen, changed, stale, resumed)]
        assert codes == [428, 200, 412, 200]
        assert changed.json()["status"] == "paused"
        assert (endpoint.url, endpoint.kinds, endpoint.status) == (
            f"{URL}/2",
            ["payment.settled"],
            EndpointStatus.ACTIVE,
        )

    def test_that_is_refused_a_change_keeps_all_of_it(self, program, endpoint):
        tag = seen(program.get(one(endpoint)))

        answer = program.patch(one(endpoint), {"url": "ftp://x", "description": "new"}, **tag)

        assert answer.status_code == 409
        assert Endpoint.objects.get().description == ""

    def test_is_disabled_and_not_forgotten(self, program, endpoint):
        answers = [program.delete(one(endpoint)) for _ in "ab"]

        assert [(row.status_code, row.json()["status"]) for row in answers] == [
            (200, "disabled")
        ] * 2
        assert Endpoint.objects.exists()

    def test_has_a_new_secret_beside_the_old_one(self, program, endpoint):
        answers = [
            program.post(one(endpoint, "/rotate-secret"), key="a-key-of-it").json() for _ in "ab"
        ]

        assert answers[0]["secret"].startswith("whsec_")
        assert answers[1]["secret"] is None
        assert endpoint.secrets.count() == 2

    def test_is_pinged(self, program, endpoint):
        answer = program.post(one(endpoint, "/ping"))

        made = Delivery.objects.get()
        assert (answer.status_code, answer.json()["webhook_id"]) == (202, made.webhook_id)

    def test_is_asked_nothing_with_a_body(self, program, endpoint):
        assert program.post(one(endpoint, "/ping"), {"loud": True}).status_code == 422


class TestAnotherProgram:
    @pytest.fixture
    def stranger(self, endpoint):
        return Program()

    @pytest.mark.parametrize(
        ("method", "more"),
        [
            ("get", ""),
            ("delete", ""),
            ("get", "/deliveries"),
            ("post", "/rotate-secret"),
            ("post", "/ping"),
            ("post", "/replay"),
        ],
    )
    def test_finds_no_endpoint_of_others(self, stranger, endpoint, method, more):
        answer = getattr(stranger, method)(one(endpoint, more))

        endpoint.refresh_from_db()
        assert answer.status_code == 404
        assert endpoint.status == EndpointStatus.ACTIVE
        assert endpoint.secrets.count() == 1

    def test_changes_no_endpoint_of_others(self, stranger, endpoint):
        answer = stranger.patch(one(endpoint), {"url": URL + "/mine"}, **{"If-Match": "*"})

        assert answer.status_code == 404
        assert Endpoint.objects.get().url == URL

    def test_lists_its_own(self, stranger, program, endpoint):
        assert stranger.get(PLACE).json()["data"] == []
        assert [row["url"] for row in program.get(PLACE).json()["data"]] == [URL]

    def test_replays_no_event_to_others(self, stranger, endpoint):
        told = failed(endpoint)

        assert stranger.post(f"events/{told.webhook_id}/replay").status_code == 404
        assert Delivery.objects.get().status == DeliveryStatus.FAILED


class TestTries:
    def test_are_told_without_what_was_answered(
        self, program, endpoint, django_assert_max_num_queries
    ):
        delivery = failed(endpoint)
        for status in (500, 503):
            Attempt.objects.create(
                delivery=delivery, at=AT, answered=status, took_ms=7, body="what they said"
            )

        with django_assert_max_num_queries(6):
            answer = program.get(one(endpoint, "/deliveries"))

        rows = answer.json()["data"]
        assert [row["answered"] for row in rows] == [503, 500]
        assert rows[0]["delivery"]["status"] == "failed"
        assert b"what they said" not in answer.content

    def test_are_a_hundred_at_most(self, program, endpoint):
        delivery = failed(endpoint)
        for number in range(101):
            Attempt.objects.create(delivery=delivery, at=AT, answered=500, took_ms=number)

        rows = program.get(one(endpoint, "/deliveries")).json()["data"]

        assert [rows[0]["took_ms"], rows[-1]["took_ms"]] == [100, 1]


class TestReplaying:
    def test_one_event_sends_it_again(self, program, endpoint):
        told = failed(endpoint)

        answer = program.post(f"events/{told.webhook_id}/replay")

        assert (answer.status_code, answer.json()["replayed"]) == (202, 1)
        assert Delivery.objects.get().status == DeliveryStatus.PENDING

    def test_a_time_sends_what_failed_in_it(self, program, endpoint):
        rows = [failed(endpoint, at=AT + timedelta(hours=hours)) for hours in range(3)]
        Delivery.objects.filter(pk=rows[1].pk).update(
            status=DeliveryStatus.DELIVERED, delivered_at=AT
        )
        times = {"since": "2026-03-02T15:00:00Z", "until": "2026-03-02T17:00:00Z"}

        answer = program.post(one(endpoint, "/replay"), times)
        every = program.post(one(endpoint, "/replay"), times | {"failed_only": False})

        assert (answer.json()["replayed"], every.json()["replayed"]) == (1, 1)
        assert answer.json()["has_more"] is False
        assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == [
            "PENDING",
            "PENDING",
            "FAILED",
        ]

    def test_goes_on_where_there_is_more(self, program, endpoint, monkeypatch):
        monkeypatch.setattr(replaying, "MOST_AT_ONCE", 1)
        for _ in "ab":
            failed(endpoint)
        times = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z"}

        answers = [program.post(one(endpoint, "/replay"), times).json() for _ in "ab"]

        assert [row["has_more"] for row in answers] == [True, False]
        assert Delivery.objects.pending().count() == 2

    def test_needs_an_endpoint_in_use(self, program, endpoint):
        disable_endpoint(endpoint)
        times = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z"}

        answer = program.post(one(endpoint, "/replay"), times)

        assert first_error(answer) == (409, "/status", "EndpointDisabled")

    def test_needs_a_time_that_goes_on(self, program, endpoint):
        times = {"since": "2026-03-03T00:00:00Z", "until": "2026-03-01T00:00:00Z"}

        assert first_error(program.post(one(endpoint, "/replay"), times))[:2] == (422, "/until")
