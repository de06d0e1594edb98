from collections.abc import Iterator

import pytest
from django.test import Client as Browser

from tests import plugin
from tests.api.contract import require_true
from tests.batches.town import Town
from tests.conftest import Database, _pointed_at
from tests.factories import BankProfileFactory, PropertyFactory, WindowFactory
from tests.webhooks.conftest import receiver

__all__ = ["receiver"]


@pytest.fixture(autouse=True)
def the_contract_is_true(monkeypatch):
    """Whatever the API answers in a test of this folder is what its OpenAPI document tells."""
    asked = Browser.request

    def request(self, **environ):
        answer = asked(self, **environ)
        require_true(environ["REQUEST_METHOD"], environ["PATH_INFO"], answer)
        return answer

    monkeypatch.setattr(Browser, "request", request)


@pytest.fixture(scope="module")
def committed(request, django_db_setup, django_db_blocker) -> Iterator[Database]:
    """One for a whole module, beside a server that is slow to start: its tests add programs alone."""
    own = Database(f"{plugin.OWN_DATABASE}_{request.module.__name__.rpartition('.')[2]}")
    plugin.clone(own.name)
    with django_db_blocker.unblock(), _pointed_at(NAME=own.name):
        yield own
    plugin.drop(own.name)


@pytest.fixture
def town(db) -> Town:
    """Its bank answers only by the letters a test writes."""
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)
