import pytest

from tests.batches.town import Town
from tests.factories import BankProfileFactory, PropertyFactory, WindowFactory
from tests.webhooks.conftest import receiver

__all__ = ["receiver"]


@pytest.fixture
def town(db) -> Town:
    """Its bank answers only by the letters a test writes."""
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)
