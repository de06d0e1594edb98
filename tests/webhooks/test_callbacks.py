"""A client is told at its own address what became of its batches, and of nobody else's."""

from datetime import timedelta

import pytest
from django.db.utils import IntegrityError, ProgrammingError
from standardwebhooks import Webhook

from housing_ach.audit.move import move
from housing_ach.payments.services.made import tell_made
from housing_ach.payments.states import PaymentStatus
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint
from housing_ach.webhooks.services import (
    BadEndpoint,
    change_endpoint,
    disable_endpoint,
    ping,
    plan_from_events,
    replay,
    send_waiting,
)
from housing_ach.webhooks.services.callbacks import set_callback
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus
from tests.batches.town import TUESDAY
from tests.factories import AT, PaymentFactory, SubmissionFactory
from tests.final import wait_until_final
from tests.notices.letters import renting
from tests.payments.story import give_back, settle
from tests.returns import post
from tests.returns.letters import about
from tests.webhooks.receiver import told_at

URL = "https://hms.example.org/ach/status/{batchId}"


def at_receiver(receiver):
    return receiver.url.replace("/hooks", "/ach/status/{batchId}")


def plan():
    wait_until_final()
    plan_from_events(at=AT)


def came_back(**fields):
    payment = PaymentFactory(mandate=renting(), **fields)
    tell_made([payment.pk])
    settle(payment)
    give_back(payment)
    return payment


class TestItIsTold:
    @pytest.fixture(autouse=True)
    def committed(self, committed_db):
        """Only what is committed is final."""

    @pytest.fixture
    def submission(self, committed):
        return SubmissionFactory()

    def test_what_came_back_and_why(self, receiver, submission, quiet_town):
        _callback, secret = set_callback(client=submission.client, url=at_receiver(receiver), at=AT)
        town = quiet_town()
        mandate = town.debit().mandate
        named = {"order__submission": submission, "order__external_id": "rent-17"}
        payment = PaymentFactory(mandate=mandate, requested_on=TUESDAY, **named)
        post.settle(town, post.send(town))
        post.deliver(town, about(payment.entries.get(), "R02"))
        plan()

        assert send_waiting(at=AT) == 1

        ((headers, body),) = receiver.got
        assert receiver.paths == [f"/ach/status/{submission.pk}"]
        assert Webhook(secret).verify(body, headers) == {
            "batchId": str(submission.pk),
            "order": str(payment.order_id),
            "payment": str(payment.pk),
            "external_id": "rent-17",
            "livemode": False,
            "status": "Returned",
            "return": {"code": "R02", "reason": "Your bank account is closed"},
        }

    def test_what_the_bank_rejected(self, receiver, submission):
        set_callback(client=submission.client, url=at_receiver(receiver), at=AT)
        payment = PaymentFactory(order__submission=submission, status=PaymentStatus.SENT)
        move(payment, PaymentStatus.REJECTED)
        plan()

        send_waiting(at=AT)

        (told,) = receiver.messages
        assert (told["status"], told["return"]["code"]) == ("Rejected", None)

    def test_nothing_of_others_nor_of_what_goes_well(self, receiver, submission):
        set_callback(client=submission.client, url=at_receiver(receiver), at=AT)
        came_back()
        came_back(order__submission=SubmissionFactory())
        well = PaymentFactory(mandate=renting(), order__submission=submission)
        tell_made([well.pk])
        settle(well)
        plan()

        assert send_waiting(at=AT) == 0

    def test_beside_the_webhooks_under_another_id(self, receiver, submission):
        told_at(receiver, kinds=["payment.returned"])
        set_callback(client=submission.client, url=at_receiver(receiver), at=AT)
        came_back(order__submission=submission)
        plan()

        send_waiting(at=AT)

        assert sorted(name.split("_")[0] for name in receiver.ids) == ["cbk", "evt"]
        assert len({name.split("_")[1] for name in receiver.ids}) == 1

    def test_again_until_it_is_taken_and_when_it_is_replayed(self, receiver, submission):
        set_callback(client=submission.client, url=at_receiver(receiver), at=AT)
        came_back(order__submission=submission)
        plan()
        receiver.say(500)

        send_waiting(at=AT)
        send_waiting(at=AT + timedelta(minutes=1))
        replay(Delivery.objects.all(), at=AT)
        send_waiting(at=AT)

        assert receiver.paths == [f"/ach/status/{submission.pk}"] * 3
        assert len(set(receiver.ids)) == 1
        with pytest.raises(ProgrammingError, match="webhooks_delivery"):
            Delivery.objects.update(submission=SubmissionFactory())

    def test_only_at_a_public_address(self, receiver, submission, settings):
        set_callback(client=submission.client, url=at_receiver(receiver), at=AT)
        came_back(order__submission=submission)
        plan()
        settings.WEBHOOK_ALLOW_LOOPBACK = False

        send_waiting(at=AT)

        assert receiver.got == []
        assert Attempt.objects.get().problem
        assert Delivery.objects.get().status == DeliveryStatus.PENDING


@pytest.mark.django_db
class TestItsAddress:
    @pytest.fixture
    def client(self):
        return SubmissionFactory().client

    @pytest.mark.parametrize(
        "url",
        [
            "https://hms.example.org/ach/status/",
            "https://{batchId}.example.org/",
            "https://hms.example.org/{batchId}/{batchId}",
            "http://hms.example.org/{batchId}",
            "https://user:word@hms.example.org/{batchId}",
        ],
    )
    def test_is_https_and_names_the_batch_once(self, client, url, settings):
        settings.WEBHOOK_ALLOW_LOOPBACK = False
        with pytest.raises(BadEndpoint):
            set_callback(client=client, url=url, at=AT)

    def test_is_one_and_keeps_its_secret(self, client):
        first, secret = set_callback(client=client, url=URL, at=AT)
        disable_endpoint(first)

        second, nothing = set_callback(client=client, url=URL + "/returned", at=AT)

        assert (second.pk, nothing) == (first.pk, "")
        assert secret.startswith("whsec_")
        assert (second.url, second.status) == (URL + "/returned", EndpointStatus.ACTIVE)
        assert second.secrets.count() == 1

    def test_stays_one_of_a_batch(self, client):
        endpoint, _secret = set_callback(client=client, url=URL, at=AT)

        with pytest.raises(BadEndpoint):
            change_endpoint(endpoint, url="https://hms.example.org/")
        with pytest.raises(BadEndpoint):
            change_endpoint(endpoint, kinds=["payment.settled"])
        with pytest.raises(IntegrityError):
            Endpoint.objects.filter(pk=endpoint.pk).update(url="https://hms.example.org/")

    def test_of_a_ping_is_of_no_batch(self, client, receiver):
        endpoint, _secret = set_callback(client=client, url=at_receiver(receiver), at=AT)
        ping(endpoint, at=AT)

        send_waiting(at=AT)

        assert receiver.paths == ["/ach/status/0"]
