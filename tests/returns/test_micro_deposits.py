"""A micro-deposit that comes back says that the account cannot be debited."""

import pytest

from housing_ach.audit.models import Event
from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import sign_mandate
from housing_ach.mandates.states import (
    AccountStatus,
    Channel,
    MandateStatus,
    VerificationMethod,
    VerificationStatus,
)
from housing_ach.payments.models import Payment
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import confirm_micro_deposits, follow_micro_deposits
from housing_ach.payouts.states import FailedWhy
from housing_ach.shared.money import dollars
from tests.batches.town import NOON, TUESDAY, Town, morning, statuses
from tests.returns.letters import about
from tests.returns.post import deliver, publish, settle


@pytest.fixture
def deposits(town: Town) -> MicroDeposits:
    """Settled on Tuesday; a mandate waits for their amounts."""
    deposits = town.micro_deposits()
    sign(deposits)
    settle(town, publish(town.frozen()))
    follow_micro_deposits(at=morning(TUESDAY))
    return deposits


def sign(deposits: MicroDeposits) -> Mandate:
    account = deposits.bank_account
    return sign_mandate(
        tenant=account.tenant,
        lease=deposits.order.lease,
        bank_account=account,
        channel=Channel.PAPER,
        min_cents=1,
        max_cents=1000_00,
        signed_name=account.tenant.name,
        at=NOON,
    )


def come_back(town: Town, code: str, count: int = 1) -> None:
    entries = Entry.objects.select_related("account_version").order_by("pk")[:count]
    letters = [
        about(entry, code, transaction="21", number=number)
        for number, entry in enumerate(entries, start=1)
    ]
    deliver(town, *letters)


@pytest.mark.parametrize(
    ("code", "account", "why"),
    [
        ("R02", AccountStatus.CLOSED, FailedWhy.CLOSED),
        ("R03", AccountStatus.BLOCKED, FailedWhy.NOT_FOUND),
        ("R04", AccountStatus.BLOCKED, FailedWhy.NOT_FOUND),
        ("R09", AccountStatus.OPEN, FailedWhy.SENT_BACK),
        ("R23", AccountStatus.OPEN, FailedWhy.SENT_BACK),
    ],
)
def test_each_code_fails_the_verification_and_is_never_tried_again(
    town, deposits, code, account, why
):
    come_back(town, code)

    deposits.refresh_from_db()
    assert (deposits.status, deposits.failed_why) == ("FAILED", why)
    assert statuses() == ["RETURNED", "SETTLED"]
    assert Payment.objects.get(status="RETURNED").retries == 0
    row = BankAccount.objects.get()
    assert (row.status, row.verification) == (account, VerificationStatus.FAILED)
    assert Mandate.objects.get().status != MandateStatus.ACTIVE


def test_both_coming_back_are_one_failure(town, deposits):
    come_back(town, "R03", count=2)

    deposits.refresh_from_db()
    assert deposits.status == "FAILED"
    assert statuses() == ["RETURNED", "RETURNED"]
    assert town.books() == {"2150": sum(e.cents for e in Entry.objects.all()), "1000": bank_paid()}
    assert Event.objects.filter(kind="microdeposits.failed").count() == 1


def bank_paid() -> int:
    return -sum(entry.cents for entry in Entry.objects.all())


def test_a_case_tells_the_code_without_the_amount(town, deposits):
    come_back(town, "R03")

    case = Case.objects.open().get()
    assert case.kind == CaseKind.RETURNED
    assert "a micro-deposit of" in case.summary
    assert dollars(Payment.objects.get(status="RETURNED").cents) not in case.summary
    assert case.facts["fee_allowed"] is False


def test_one_that_comes_back_after_the_amounts_were_told_ends_the_permission(town, deposits):
    amounts = tuple(Payment.objects.values_list("cents", flat=True))
    confirm_micro_deposits(
        bank_account=deposits.bank_account, cents=amounts, by=town.clerk, at=morning(TUESDAY)
    )
    assert Mandate.objects.get().status == MandateStatus.ACTIVE

    come_back(town, "R23")

    row = BankAccount.objects.get()
    assert row.verification_method == VerificationMethod.MICRO_DEPOSIT
    assert row.verification == VerificationStatus.FAILED
    assert Mandate.objects.get().status == MandateStatus.PENDING_VERIFICATION


def test_a_correction_changes_the_account_and_the_verification_goes_on(town, deposits):
    entry = Entry.objects.select_related("account_version").first()

    deliver(town, about(entry, "C05", data="32", transaction="21"))

    deposits.refresh_from_db()
    account = BankAccount.objects.get()
    assert account.account_type == "SAVINGS"
    assert deposits.status == "AWAITING_INPUT"
