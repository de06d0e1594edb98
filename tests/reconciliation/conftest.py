import pytest

from housing_ach.users.states import Scope
from tests.api.conftest import town
from tests.batches.town import Town
from tests.reconciliation.files import registered
from tests.returns.post import send, settle

__all__ = ["town"]


@pytest.fixture
def client(db):
    return registered(scopes=(Scope.RECON,))[0]


@pytest.fixture
def sent(town: Town):
    """A debit the bank has and has not spoken about."""
    town.debit()
    send(town)
    return town


@pytest.fixture
def settled_town(town: Town):
    town.debit()
    settle(town, send(town))
    return town
