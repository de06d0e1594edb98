import pytest

from tests.webhooks.receiver import receiving


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    with receiving() as server:
        yield server
