"""Four who send at once send each message once."""

from housing_ach.webhooks.models import Delivery
from housing_ach.webhooks.services import ping, send_waiting
from housing_ach.webhooks.states import DeliveryStatus
from tests.factories import AT
from tests.payments.test_parallel import together
from tests.webhooks.receiver import told_at


def test_four_senders_send_each_message_once(committed_db, receiver):
    endpoint, _secret = told_at(receiver)
    for _ in range(60):
        ping(endpoint, at=AT)

    together(*[lambda: send_waiting(at=AT)] * 4)

    assert len(receiver.ids) == len(set(receiver.ids)) == 60
    assert not Delivery.objects.exclude(status=DeliveryStatus.DELIVERED).exists()
