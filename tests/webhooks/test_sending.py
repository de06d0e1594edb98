"""A message arrives signed, is tried again where it was not taken, and keeps its id."""

import socket
from datetime import timedelta

import pytest
from django.db.utils import ProgrammingError
from standardwebhooks import Webhook

from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint
from housing_ach.webhooks.services import (
    MOST_TRIES,
    OVERLAP,
    BadEndpoint,
    add_endpoint,
    pause_endpoint,
    ping,
    posting,
    replay,
    resume_endpoint,
    rotate_secret,
    send_waiting,
    sending,
)
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus
from tests.factories import AT
from tests.webhooks.receiver import made_client, signature, told_at

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=7)


def waited(delivery):
    delivery.refresh_from_db()
    return delivery.next_at - AT


def test_a_message_is_signed_as_the_standard_says(receiver):
    endpoint, secret = told_at(receiver)
    ping(endpoint, at=AT)

    assert send_waiting(at=AT) == 1

    ((headers, body),) = receiver.got
    assert headers["webhook-signature"] == signature(secret, headers, body)
    assert Webhook(secret).verify(body, headers)["type"] == "ping"
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.body.encode()) == (DeliveryStatus.DELIVERED, body)
    assert headers["webhook-id"] == delivery.webhook_id == receiver.messages[0]["id"]


def test_both_secrets_sign_for_a_day_after_a_rotation(receiver):
    endpoint, old = told_at(receiver)
    new = rotate_secret(endpoint, at=AT)
    ping(endpoint, at=AT)
    ping(endpoint, at=AT + OVERLAP)

    send_waiting(at=AT)
    send_waiting(at=AT + OVERLAP)

    (during, after) = receiver.got
    assert set(during[0]["webhook-signature"].split(" ")) == {
        signature(new, *during),
        signature(old, *during),
    }
    assert after[0]["webhook-signature"] == signature(new, *after)


def test_what_was_not_taken_is_tried_again_under_its_id(receiver):
    endpoint, _secret = told_at(receiver)
    delivery = ping(endpoint, at=AT)
    receiver.say(500, b"no")

    assert send_waiting(at=AT) == 0
    assert timedelta(seconds=4) <= waited(delivery) <= timedelta(seconds=6)
    assert send_waiting(at=AT + timedelta(seconds=3)) == 0
    assert send_waiting(at=AT + timedelta(seconds=6)) == 1

    assert receiver.ids == [delivery.webhook_id] * 2
    assert list(Attempt.objects.order_by("pk").values_list("answered", "body")) == [
        (500, "no"),
        (200, ""),
    ]
    assert Endpoint.objects.get().failures == 0


@pytest.mark.parametrize(
    ("asked", "least"), [("900", 900), ("Wed, 21 Oct 2015 07:28:00 GMT", 4), ("soon", 4)]
)
def test_it_waits_as_long_as_it_is_asked_to(receiver, asked, least):
    endpoint, _secret = told_at(receiver)
    delivery = ping(endpoint, at=AT)
    receiver.say(503, Retry_After=asked)

    send_waiting(at=AT)

    assert timedelta(seconds=least) <= waited(delivery) <= timedelta(seconds=max(least, 6))


def test_who_does_not_answer_is_let_go(receiver, monkeypatch):
    monkeypatch.setattr(posting, "READ_SECONDS", 0.2)
    receiver.release.clear()
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)

    send_waiting(at=AT)

    attempt = Attempt.objects.get()
    assert (attempt.answered, attempt.problem) == (None, "ReadTimeout")


def test_a_redirect_is_a_failure_and_not_followed(receiver):
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)
    receiver.say(302, Location=receiver.url + "/elsewhere")

    send_waiting(at=AT)

    assert len(receiver.got) == 1
    assert Attempt.objects.get().answered == 302
    assert Delivery.objects.get().status == DeliveryStatus.PENDING


def test_who_is_gone_is_told_nothing_more(receiver):
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)
    receiver.say(410)

    send_waiting(at=AT)
    send_waiting(at=LATER)

    endpoint.refresh_from_db()
    assert endpoint.status == EndpointStatus.DISABLED
    assert len(receiver.got) == 1
    assert Case.objects.filter(kind=CaseKind.WEBHOOK_NOT_TAKEN).exists()


def test_the_last_try_ends_in_a_case(receiver):
    endpoint, _secret = told_at(receiver)
    delivery = ping(endpoint, at=AT)
    for turn in range(MOST_TRIES + 2):
        receiver.say(500)
        send_waiting(at=AT + turn * timedelta(days=2))

    delivery.refresh_from_db()
    assert (delivery.status, len(receiver.got)) == (DeliveryStatus.FAILED, MOST_TRIES)
    assert Case.objects.get(kind=CaseKind.WEBHOOK_NOT_TAKEN).subject_id == str(endpoint.pk)


def test_who_fails_often_is_let_alone_until_resumed(receiver, monkeypatch):
    monkeypatch.setattr(sending, "PAUSE_AFTER", 2)
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)
    receiver.say(500)
    receiver.say(500)
    for day in range(3):
        send_waiting(at=AT + day * timedelta(days=1))
    endpoint.refresh_from_db()
    assert (endpoint.status, len(receiver.got)) == (EndpointStatus.PAUSED, 2)

    resume_endpoint(endpoint)

    assert send_waiting(at=LATER) == 1


def test_who_fails_keeps_nobody_else_waiting(receiver):
    endpoint, _secret = told_at(receiver)
    for _ in range(3):
        ping(endpoint, at=AT)
    receiver.say(500)

    send_waiting(at=AT)

    assert len(receiver.got) == 1
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0, 0, 1]


def test_what_happens_in_a_pause_is_kept(receiver):
    endpoint, _secret = told_at(receiver)
    pause_endpoint(endpoint)
    ping(endpoint, at=AT)
    assert send_waiting(at=AT) == 0

    resume_endpoint(endpoint)

    assert send_waiting(at=AT) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "[::1]", "100.64.0.1", "2130706433"]
)
def test_no_address_of_a_private_network_is_asked(settings, host):
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    endpoint, _secret = add_endpoint(client=made_client(), url=f"https://{host}/", at=AT)
    ping(endpoint, at=AT)

    send_waiting(at=AT)

    assert Attempt.objects.get().problem == "InvalidIPAddress"


def test_a_name_that_leads_to_a_private_address_is_not_asked(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.1", 443))]
    endpoint, _secret = add_endpoint(client=made_client(), url="https://hooks.example/", at=AT)
    ping(endpoint, at=AT)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: inside)

    send_waiting(at=AT)

    assert Attempt.objects.get().problem == "InvalidIPAddress"


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https://", "https://a:b@example.org/", "x"],
)
def test_an_address_that_is_not_safe_is_refused(settings, url):
    settings.WEBHOOK_ALLOW_LOOPBACK = False

    with pytest.raises(BadEndpoint):
        add_endpoint(client=made_client(), url=url, at=AT)


def test_an_event_that_there_is_not_is_refused(receiver):
    with pytest.raises(BadEndpoint, match=r"payment\.lost"):
        told_at(receiver, kinds=["payment.lost"])


def test_two_thousand_bytes_of_an_answer_are_kept(receiver):
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)
    receiver.say(200, b"\0" + b"x" * 50_000)

    send_waiting(at=AT)

    kept = Attempt.objects.get().body
    assert 2000 < len(kept) <= posting.KEPT


def test_a_replay_keeps_its_id_and_its_body(receiver):
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)
    send_waiting(at=AT)

    assert replay(Delivery.objects.all(), at=LATER) == 1
    assert send_waiting(at=LATER) == 1

    (first, again) = receiver.got
    assert first[0]["webhook-id"] == again[0]["webhook-id"]
    assert first[1] == again[1]


def test_an_attempt_is_history(receiver):
    endpoint, _secret = told_at(receiver)
    ping(endpoint, at=AT)
    send_waiting(at=AT)

    with pytest.raises(ProgrammingError, match="permission denied"):
        Attempt.objects.update(answered=500)


class Died(BaseException):
    """The process is gone: nothing after this line happens."""


def test_who_dies_after_sending_leads_to_one_more_under_the_same_id(receiver, monkeypatch):
    endpoint, _secret = told_at(receiver)
    delivery = ping(endpoint, at=AT)

    def die(_name):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(sending, "failpoint", die)
        with pytest.raises(Died):
            send_waiting(at=AT)
    assert send_waiting(at=AT + sending.LEASE - timedelta(seconds=1)) == 0
    assert send_waiting(at=AT + sending.LEASE) == 1

    assert receiver.ids == [delivery.webhook_id] * 2
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == (DeliveryStatus.DELIVERED, 2)


def test_a_try_keeps_the_headers_of_both_sides_and_nothing_secret(receiver):
    endpoint, _secret = told_at(receiver)
    delivery = ping(endpoint, at=AT)
    receiver.say(500, b"no", Retry_After="9", Set_Cookie="session=1")

    send_waiting(at=AT)

    attempt = Attempt.objects.get()
    assert attempt.sent["webhook-id"] == delivery.webhook_id
    assert attempt.sent["webhook-signature"] == "v1,…"
    assert attempt.got["Retry-After"] == "9"
    assert "Set-Cookie" not in attempt.got
