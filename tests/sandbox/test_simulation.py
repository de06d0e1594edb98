from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from housing_ach.payments.models import Payment
from housing_ach.returns.models import Return
from housing_ach.sandbox.simulation import default_start
from tests.factories import PropertyFactory

SKELETON = {"days": 10, "leases": 1, "start": date(2026, 1, 27)}


def lived(**options: object) -> str:
    out = StringIO()
    call_command("simulate", stdout=out, **{**SKELETON, **options})
    return out.getvalue()


def test_one_lease_is_debited_returned_and_retried(committed_db):
    lived()

    payment = Payment.objects.get()
    assert Return.objects.get().code == "R01"
    assert payment.retries == 1


def test_the_retry_recovers_the_money_and_clears(committed_db):
    lived(days=25)

    payment = Payment.objects.get()
    assert payment.status == "CLEARED"
    assert payment.attempts == 2


def test_a_database_with_an_organisation_is_refused(db):
    PropertyFactory()

    with pytest.raises(CommandError, match="--fresh"):
        lived()


def test_the_default_start_leaves_time_for_all_its_days(db, monkeypatch):
    monkeypatch.setattr("housing_ach.clock.services.today", lambda: date(2026, 11, 22))

    assert default_start(45) == date(2026, 9, 25)
    assert default_start(20) == date(2026, 10, 25)
