"""Whoever learns the amounts could verify an account of somebody else: nothing tells them."""

import logging

import pytest
from django.urls import reverse

from housing_ach.audit.models import Event
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payouts.models import MicroDepositTry
from housing_ach.payouts.services import WrongAmounts, start
from housing_ach.shared.money import dollars
from tests.desk.signing_in import verified
from tests.factories import AT, UserFactory
from tests.payouts.story import amounts, arrived, tell, waiting, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_browser():
    return verified(UserFactory(admin=True))


@pytest.fixture
def told(monkeypatch):
    """Micro-deposits of amounts that stand out; one wrong try, then the right one."""
    monkeypatch.setattr(start, "SystemRandom", Draws)
    return arrived(waiting())


class Draws:
    def sample(self, _cents, _count):
        return [73, 97]


def test_the_trail_does_not_tell_them(told):
    with pytest.raises(WrongAmounts) as refused:
        tell(told, wrong(told))
    tell(told, amounts(told))

    kinds = set(Event.objects.values_list("kind", flat=True))
    trail = str([(event.data, event.was, event.became) for event in Event.objects.all()])
    assert {"payment.scheduled", "microdeposits.verified"} <= kinds
    assert "'cents'" not in trail
    assert "cents" not in str(list(MicroDepositTry.objects.values()))
    assert "73" not in str(refused.value)


def test_logs_do_not_tell_them(told, caplog):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(WrongAmounts):
        tell(told, wrong(told))

    messages = " ".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    assert "73" not in messages


def test_a_case_does_not_tell_them(told):
    payment = Payment.objects.first()
    Payment.objects.filter(pk=payment.pk).update(status="SCHEDULED")

    hold([payment.pk], kind=CaseKind.LIMIT, reason="over the limit a day", at=AT)

    case = Case.objects.get()
    assert case.cents == 0
    assert dollars(payment.cents) not in case.summary


@pytest.mark.parametrize("model", ["payments_payment", "payments_order", "payouts_microdeposits"])
def test_records_do_not_show_them(told, admin_browser, model):
    page = admin_browser.get(reverse(f"admin:{model}_changelist"))

    assert page.status_code == 200
    for cents in (73, 97, 170):
        assert dollars(cents).encode() not in page.content


def test_a_record_of_the_verification_shows_its_tries(told, admin_browser):
    with pytest.raises(WrongAmounts):
        tell(told, wrong(told))

    page = admin_browser.get(reverse("admin:payouts_microdeposits_change", args=[told.pk]))

    assert b"Awaiting Input" in page.content
    assert b"try 1 of" in page.content
