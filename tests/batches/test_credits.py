"""Credits through the whole life, by the two of a verification: the sandbox bank over SFTP answers."""

import pytest
from django.contrib.admin import site

from housing_ach.bank.models import BankProfile
from housing_ach.bank.states import CreditsFunded
from housing_ach.batches.models import Batch, Entry, Evidence
from housing_ach.batches.services import apply_received, take_back, watch
from housing_ach.batches.services.post import void
from housing_ach.batches.states import BatchStatus, EntryStatus, EvidenceKind
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.models import Journal, Transfer
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import AccountType
from housing_ach.payments.models import Limit, Payment
from housing_ach.payments.services import cancel
from housing_ach.payments.states import Direction
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.services import follow_micro_deposits
from housing_ach.proof.verify import INVARIANTS
from tests.batches.town import (
    AFTERNOON,
    EVENING,
    MONDAY,
    NOON,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    morning,
    statuses,
)

COST, PAYING, BANK = "5110", "2150", "1000"


def cents_of(deposits: MicroDeposits) -> int:
    return sum(payment.cents for payment in deposits.order.payments.all())


def cases() -> list[str]:
    return list(Case.objects.open().order_by("pk").values_list("kind", flat=True))


def assert_proven() -> None:
    for invariant in INVARIANTS:
        assert not invariant.check().offenders, invariant.name


class TestTheBatch:
    def test_credits_stand_in_a_batch_of_their_own(self, town):
        town.debit(cents=1000_00)
        deposits = town.micro_deposits()

        debits, credits_ = sorted(town.build(), key=lambda batch: batch.description, reverse=True)

        assert (debits.direction, debits.description) == (Direction.DEBIT, "RENT")
        assert (credits_.direction, credits_.description) == (Direction.CREDIT, "ACCTVERIFY")
        assert (credits_.entry_count, credits_.cents) == (2, cents_of(deposits))

    @pytest.mark.parametrize(
        ("account_type", "code"), [(AccountType.CHECKING, "22"), (AccountType.SAVINGS, "32")]
    )
    def test_the_file_says_credit(self, town, account_type, code):
        town.debit(cents=1000_00)
        town.micro_deposits(account_type=account_type)

        masked = town.frozen().masked.splitlines()

        assert [line[1:3] for line in masked if line[0] == "6"] == [code, code, "27"]
        assert [line[1:4] for line in masked if line[0] == "5"] == ["220", "225"]

    def test_people_see_the_file_and_its_entries_without_the_amounts(self, town):
        town.micro_deposits()

        lines = town.frozen().masked.splitlines()

        assert {line[29:39] for line in lines if line[0] == "6"} == {"*" * 10}
        shown = site._registry[Entry]
        assert {shown.amount(entry) for entry in Entry.objects.all()} == {"••"}

    def test_an_account_that_is_not_verified_may_be_credited_but_not_debited(self, town):
        debit = town.debit()
        BankAccount.objects.update(verification="UNVERIFIED")
        town.micro_deposits()

        town.build()

        debit.refresh_from_db()
        assert debit.status == "HELD"
        assert statuses()[1:] == ["BATCHED", "BATCHED"]

    def test_a_blocked_account_is_found_when_it_is_frozen(self, town):
        deposits = town.micro_deposits()
        town.approved()
        BankAccount.objects.filter(pk=deposits.bank_account_id).update(status="BLOCKED")

        assert town.freeze() is None
        assert statuses() == ["HELD", "HELD"]
        assert cases() == [CaseKind.MANDATE] * 2

    def test_the_limit_of_credits_is_their_own(self, town):
        company = town.home.operating_fund.company
        Limit.objects.create(company=company, direction=Direction.CREDIT, per_day_cents=1)
        town.debit(cents=1000_00)
        town.micro_deposits()

        town.build()

        assert statuses() == ["BATCHED", "HELD", "HELD"]

    def test_one_cancelled_in_the_batch_keeps_the_other_back(self, town):
        deposits = town.micro_deposits()
        town.approved()
        cancel(deposits.order.payments.first(), by=town.clerk, reason="by phone", at=NOON)
        follow_micro_deposits(at=NOON)

        assert town.freeze() is None
        assert statuses() == ["CANCELLED", "CANCELLED"]
        assert cases() == []


class TestTheBooks:
    def test_sent_they_are_a_cost_in_transit(self, town):
        deposits = town.micro_deposits()

        town.sent()

        cents = cents_of(deposits)
        assert statuses() == ["SENT", "SENT"]
        assert town.books() == {PAYING: -cents, COST: cents}
        assert_proven()

    def test_settled_the_bank_has_paid_them(self, town):
        deposits = town.micro_deposits()
        town.sent()

        town.listen(morning(TUESDAY))

        cents = cents_of(deposits)
        assert statuses() == ["SETTLED", "SETTLED"]
        assert Batch.objects.get().status == BatchStatus.SETTLED
        assert town.books() == {BANK: -cents, COST: cents}
        assert_proven()

    @pytest.mark.parametrize(
        ("funded", "on"),
        [(CreditsFunded.ON_SETTLEMENT, TUESDAY), (CreditsFunded.AT_ORIGINATION, MONDAY)],
    )
    def test_the_bank_takes_their_money_when_its_profile_says(self, town, funded, on):
        BankProfile.objects.update(credits_funded=funded)
        town.micro_deposits()
        town.debit(cents=1000_00)
        town.sent()

        town.listen(morning(TUESDAY))

        paid = Transfer.objects.get(credit__number=BANK)
        assert paid.journal.effective_on == on
        taken = Transfer.objects.get(debit__number=BANK)
        assert taken.journal.effective_on == TUESDAY
        assert_proven()

    def test_they_clear_like_everything_else(self, town):
        town.micro_deposits()
        town.debit(cents=1000_00)
        town.sent()
        for day in (TUESDAY, WEDNESDAY, THURSDAY):
            town.listen(morning(day))

        assert set(statuses()) == {"SETTLED"}
        assert Payment.objects.filter(direction=Direction.CREDIT, allocations=None).count() == 2
        assert_proven()


class TestNotTaken:
    @pytest.mark.parametrize("number", ["9930300001", "9930400001"])
    def test_rejected_by_the_bank_they_are_never_sent_again(self, town, number):
        deposits = town.micro_deposits(number)
        town.sent()

        town.listen(EVENING)
        follow_micro_deposits(at=EVENING)

        deposits.refresh_from_db()
        assert statuses() == ["REJECTED", "REJECTED"]
        assert town.books() == {}
        assert (deposits.status, deposits.failed_why) == ("FAILED", "NOT_TAKEN")
        assert "start again" in Case.objects.open().get().suggested_fix
        assert_proven()

    def test_debits_beside_them_go_again(self, town):
        town.debit(cents=1000_00)
        town.micro_deposits("9930300001")
        town.sent()

        town.listen(EVENING)

        assert statuses() == ["SCHEDULED", "REJECTED", "REJECTED"]
        assert "next draft" in Case.objects.open().get().suggested_fix

    def test_of_a_file_that_never_left_they_are_planned_anew(self, town):
        town.micro_deposits()
        file = town.frozen()

        void(file, reason="the cut-off passed", at=AFTERNOON)

        assert statuses() == ["SCHEDULED", "SCHEDULED"]
        assert MicroDeposits.objects.get().status == "UNSENT"


class TestReturned:
    def test_after_settlement_the_cost_comes_back(self, town):
        town.micro_deposits("9910300001")
        town.sent()
        town.listen(morning(TUESDAY))

        town.listen(morning(WEDNESDAY))
        first, second = Entry.objects.order_by("pk")
        for entry in (first, second):
            take_back(entry, code="R03", on=WEDNESDAY, at=morning(WEDNESDAY))

        assert statuses() == ["RETURNED", "RETURNED"]
        assert town.books() == {}
        assert Evidence.objects.filter(kind=EvidenceKind.RETURN_CHARGED).count() == 2
        assert Journal.objects.filter(kind="RETURN_CREDITED").count() == 2
        assert_proven()

    def test_until_the_bank_gives_it_back_it_is_in_transit(self, town):
        town.micro_deposits()
        town.sent()
        town.listen(morning(TUESDAY))
        entry = Entry.objects.order_by("pk")[0]

        take_back(entry, code="R03", on=WEDNESDAY, at=morning(WEDNESDAY))

        assert town.books()[PAYING] == entry.cents
        assert_proven()

    def test_before_settlement_it_waits_for_the_batch_to_settle(self, town):
        deposits = town.micro_deposits()
        town.sent()
        entry = Entry.objects.order_by("pk")[0]
        take_back(entry, code="R03", on=TUESDAY, at=EVENING)
        assert town.books()[PAYING] == entry.cents - cents_of(deposits)
        assert_proven()

        town.listen(morning(TUESDAY))

        entry.refresh_from_db()
        assert (entry.status, entry.settled_on) == (EntryStatus.RETURNED, TUESDAY)
        assert town.books()[PAYING] == entry.cents
        assert_proven()

    def test_what_the_bank_gave_back_for_no_return_becomes_a_case(self, town):
        town.micro_deposits("9910300001")
        town.sent()
        town.listen(morning(TUESDAY))
        town.listen(morning(WEDNESDAY))

        watch(at=morning(THURSDAY))

        told = Case.objects.open().filter(kind=CaseKind.SETTLEMENT_MISMATCH).first()
        assert "gave back" in told.summary

    def test_applying_what_came_again_changes_nothing(self, town):
        town.micro_deposits()
        town.sent()
        town.listen(morning(TUESDAY))
        before = town.books()

        apply_received(at=morning(TUESDAY))

        assert town.books() == before
