import pytest

from housing_ach.batches.models import Entry
from tests.batches.town import Town
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory
from tests.returns.post import only_entry, send, settle


@pytest.fixture
def town(db) -> Town:
    """Its bank answers only by the letters a test writes."""
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def settled(town: Town) -> Entry:
    """A rent debit of 1,000.00 that settled on Tuesday, 3 March 2026."""
    town.debit()
    settle(town, send(town))
    return only_entry()


@pytest.fixture
def clerk(db):
    return UserFactory(is_staff=True)
