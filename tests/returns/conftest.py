from collections.abc import Callable

import pytest

from housing_ach.batches.models import Entry
from tests.batches.town import Town
from tests.factories import BankProfileFactory, PropertyFactory, WindowFactory
from tests.returns.post import only_entry, send, settle


@pytest.fixture
def quiet_town() -> Callable[[], Town]:
    """Makes a town whose bank answers only by the letters a test writes."""

    def make() -> Town:
        profile = BankProfileFactory()
        home = PropertyFactory(
            operating_fund__company__profile=profile, deposit_fund__company__profile=profile
        )
        return Town(None, WindowFactory(profile=profile), home)

    return make


@pytest.fixture
def town(db, quiet_town) -> Town:
    return quiet_town()


@pytest.fixture
def settled(town: Town) -> Entry:
    """A rent debit that settled on Tuesday."""
    town.debit()
    settle(town, send(town))
    return only_entry()
