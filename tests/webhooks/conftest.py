import pytest

from tests.returns.conftest import quiet_town
from tests.webhooks.receiver import receiving

__all__ = ["quiet_town"]


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    with receiving() as server:
        yield server
