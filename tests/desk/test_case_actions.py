"""What is done about a file nobody knows the outcome of, and a debit whose notice is missing."""

from datetime import UTC, date, datetime, time

import pytest

from housing_ach.batches.models import BankFile
from housing_ach.batches.services.fence import step
from housing_ach.batches.states import FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.desk.case_actions import ACTIONS, NotOffered, Said, act, actions_of
from housing_ach.mandates.models import Notice
from housing_ach.payments.models import Payment
from housing_ach.payments.services import run_autopay
from housing_ach.payments.states import PaymentStatus
from tests.batches.town import AFTERNOON, Town, statuses
from tests.factories import (
    AutopayFactory,
    BankProfileFactory,
    MandateFactory,
    PropertyFactory,
    UserFactory,
    WindowFactory,
)
from tests.payments.story import owe

pytestmark = pytest.mark.django_db
APRIL, RUN_DAY = date(2026, 4, 1), date(2026, 3, 30)


@pytest.fixture
def held_file() -> Case:
    """A file of one debit that the server may or may not have taken."""
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    town = Town(None, WindowFactory(profile=profile), home)
    town.debit()
    file = town.frozen()
    step(file, FileStatus.UPLOADING, attempt=1)
    step(file, FileStatus.HELD, reason="the line broke")
    told = "File is not sent: outcome unknown"
    return open_case(CaseKind.FILE_HELD, "batches.bankfile", file.pk, told, at=AFTERNOON)


@pytest.fixture
def untold() -> Case:
    """A debit beyond what its payer authorised, of which no notice was sent."""
    autopay = AutopayFactory(mandate=MandateFactory(max_cents=1500_00))
    owe(autopay.lease, 1600_00, APRIL)
    run_autopay(on=RUN_DAY, at=datetime.combine(RUN_DAY, time(16), UTC))
    return Case.objects.get(kind=CaseKind.NOTICE_REQUIRED)


def said(at: datetime = AFTERNOON) -> Said:
    return Said(by=UserFactory(), at=at, words="the bank says so")


def test_a_file_the_bank_has_is_posted_as_sent(held_file):
    act(held_file.pk, "published", said())

    assert BankFile.objects.get().status == FileStatus.PUBLISHED
    assert statuses() == ["SENT"]


def test_a_file_the_bank_never_had_is_void_and_planned_anew(held_file):
    act(held_file.pk, "lost", said())

    assert BankFile.objects.get().status == FileStatus.VOID
    assert statuses() == ["SCHEDULED"]


def test_a_file_nobody_knows_of_is_not_talked_away(held_file):
    assert "resolve" not in {action.name for action in actions_of(held_file)}
    with pytest.raises(NotOffered):
        act(held_file.pk, "resolve", said())


def test_what_was_confirmed_once_is_not_confirmed_otherwise(held_file):
    act(held_file.pk, "published", said())
    again = open_case(
        CaseKind.FILE_HELD, held_file.subject, held_file.subject_id, "held", at=AFTERNOON
    )

    with pytest.raises(NotOffered):
        act(again.pk, "lost", said())


def test_a_missing_notice_is_sent_and_the_debit_moved_to_where_it_can_be_told(untold):
    act(untold.pk, "tell", said(datetime.combine(RUN_DAY, time(16), UTC)))

    payment = Payment.objects.get()
    assert (payment.status, payment.effective_on) == (PaymentStatus.HELD, date(2026, 4, 9))
    assert Notice.objects.get().debit_on == payment.effective_on


def test_the_likeliest_action_comes_first(untold):
    assert actions_of(untold)[0].name == "tell"


def test_no_kind_names_an_action_twice():
    for kind, actions in ACTIONS.items():
        names = [action.name for action in actions]
        assert len(names) == len(set(names)), kind
