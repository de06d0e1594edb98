import pytest

from housing_ach.sandbox import programs, staff
from housing_ach.users.models import Client
from housing_ach.users.proofs import OLD, proof_since
from housing_ach.webhooks.models import Endpoint
from housing_ach.webhooks.states import EndpointStatus
from tests.factories import AT

pytestmark = pytest.mark.django_db


def test_one_program_waits_and_one_is_due_for_another_secret():
    staff.create()

    programs.let_in(at=AT)

    waiting = Client.objects.get(name=programs.WAITING)
    ledger = Client.objects.get(name=programs.LEDGER)
    assert (waiting.is_active, waiting.made_by.email) == (False, "admin@example.org")
    assert ledger.is_active
    assert AT - proof_since(ledger) >= OLD
    assert Endpoint.objects.get().status == EndpointStatus.PAUSED


def test_they_are_let_in_once():
    staff.create()

    programs.let_in(at=AT)
    programs.let_in(at=AT)

    assert Client.objects.count() == 2
    assert Endpoint.objects.count() == 1


def test_nobody_is_let_in_where_the_made_up_people_are_not():
    programs.let_in(at=AT)

    assert not Client.objects.exists()
