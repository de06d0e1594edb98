"""A tenant proves that an account is his; then his rent is taken from it."""

from datetime import date

import pytest

from housing_ach.cases.models import Case
from housing_ach.clock import services as clock
from housing_ach.mandates.models import BankAccount, Mandate
from housing_ach.mandates.services import add_bank_account, set_up_autopay, sign_mandate
from housing_ach.mandates.states import (
    AccountStatus,
    AccountType,
    AutopayMode,
    Channel,
    MandateStatus,
    VerificationStatus,
)
from housing_ach.payments.models import Payment
from housing_ach.payouts.selectors import verification_state
from housing_ach.payouts.services import (
    WrongAmounts,
    confirm_micro_deposits,
    start_micro_deposits,
)
from housing_ach.sandbox.bank.statement import credits_of
from housing_ach.shared.money import dollars
from tests.factories import ChargeScheduleFactory, LeaseFactory, TenantFactory
from tests.journeys.story import AFTERNOON, EVENING, MORNING, NOON, Story, beginning
from tests.journeys.test_rent_month import assert_proven

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (16, 17, 18))
RENT_DAY = date(2026, 4, 1)
HIS, CLOSED = "9900123456", "9910212345"


@pytest.fixture
def story(committed_db, tmp_path):
    with beginning(tmp_path / "bank") as bank:
        yield Story(bank, MONDAY)


def test_an_account_is_verified_by_what_its_holder_saw_and_then_debited(story: Story):
    mandate = signed(story, HIS)
    start(mandate)

    the_deposits_go_out_and_arrive(story, mandate)
    the_holder_tells_what_his_statement_shows(story, mandate)
    the_rent_is_taken(story, mandate)

    assert not Case.objects.open().exists()
    assert_proven()


def test_an_account_that_is_closed_is_never_debited(story: Story):
    mandate = signed(story, CLOSED)
    start(mandate)

    # Wednesday: the receiving bank sends both back, and ours has given the money back.
    story.until(WEDNESDAY, MORNING)
    state = verification_state(mandate.bank_account)
    assert (state.state, state.why) == ("FAILED", "The bank says this account is closed.")
    assert story.books() == {}
    account = BankAccount.objects.get()
    assert (account.status, account.verification) == (
        AccountStatus.CLOSED,
        VerificationStatus.FAILED,
    )

    # The rent falls due; nothing goes to the account any more.
    story.until(RENT_DAY, EVENING)
    assert set(Payment.objects.values_list("purpose", "status")) == {("ACCTVERIFY", "RETURNED")}
    assert_proven()


def signed(story: Story, number: str) -> Mandate:
    at = clock.now()
    lease = LeaseFactory(unit__property=story.home, share__tenant=TenantFactory(signed_up=True))
    ChargeScheduleFactory(lease=lease, cents=1000_00, starts_on=RENT_DAY)
    tenant = lease.shares.get().tenant
    account = add_bank_account(
        tenant=tenant,
        holder_name=tenant.name,
        routing="111000025",
        account_number=number,
        account_type=AccountType.CHECKING,
        at=at,
    )
    mandate = sign_mandate(
        tenant=tenant,
        lease=lease,
        bank_account=account,
        channel=Channel.INTERNET,
        min_cents=1,
        max_cents=5000_00,
        signed_name=tenant.name,
        ip="203.0.113.7",
        user_agent="tests",
        at=at,
    )
    set_up_autopay(
        mandate=mandate, mode=AutopayMode.FULL_BALANCE, day_of_month=1, starts_on=story.today
    )
    return mandate


def start(mandate: Mandate) -> None:
    start_micro_deposits(
        bank_account=mandate.bank_account,
        lease=mandate.lease,
        by=mandate.tenant.user,
        at=clock.now(),
    )


def the_deposits_go_out_and_arrive(story: Story, mandate: Mandate) -> None:
    # Monday: two credits wait for the afternoon's file, and the mandate for its account.
    state = verification_state(mandate.bank_account)
    assert (state.state, state.arrives_on) == ("UNSENT", TUESDAY)
    assert mandate.status == MandateStatus.PENDING_VERIFICATION

    # A second person approves their batch, and they are sent: a cost, on its way out.
    story.until(MONDAY, NOON)
    assert story.books() == {}
    story.until(MONDAY, AFTERNOON)
    cents = dollars(sum(Payment.objects.values_list("cents", flat=True)))
    on_its_way = {"Verification cost": cents, "Disbursements in transit": f"-{cents}"}
    assert story.books() == on_its_way
    story.until(MONDAY, EVENING)
    assert verification_state(mandate.bank_account).state == "SENT"

    # Tuesday: the bank has paid them.
    story.until(TUESDAY, MORNING)
    assert story.books() == {"Verification cost": cents, "Bank": f"-{cents}"}
    state = verification_state(mandate.bank_account)
    assert (state.state, state.expires_on) == ("AWAITING_INPUT", date(2026, 3, 27))


def the_holder_tells_what_his_statement_shows(story: Story, mandate: Mandate) -> None:
    first, second = (seen.cents for seen in credits_of(story.bank.bank.folder, HIS))
    with pytest.raises(WrongAmounts):
        tell(mandate, (first, first))
    assert verification_state(mandate.bank_account).tries_left == 2

    tell(mandate, (second, first))

    mandate.refresh_from_db()
    assert mandate.status == MandateStatus.ACTIVE


def tell(mandate: Mandate, cents: tuple[int, int]) -> None:
    confirm_micro_deposits(
        bank_account=mandate.bank_account, cents=cents, by=mandate.tenant.user, at=clock.now()
    )


def the_rent_is_taken(story: Story, mandate: Mandate) -> None:
    story.until(RENT_DAY, MORNING)
    rent = Payment.objects.get(mandate=mandate)
    assert (rent.cents, rent.status) == (1000_00, "SETTLED")
    assert story.books()["Rent income"] == "-1,000.00"
