from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.models import Account, Journal, Transfer
from housing_ach.ledger.selectors import balance, balances, statement_of, trial_balance
from housing_ach.ledger.services import (
    AlreadyPosted,
    AlreadyReversed,
    BadLine,
    PeriodClosed,
    close_period,
    post,
    reverse,
)
from tests.factories import AT, FundFactory

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)


def owed(fund, tenant="tenant:1", lease=7):
    return Key(fund.pk, chart.TENANT_RECEIVABLE, tenant, lease)


def income(fund):
    return Key(fund.pk, chart.RENT_INCOME, "property:1")


def rent(fund, reference="charge:1:share:1", *, cents=1000_00, on=ON):
    line = Line(owed(fund), income(fund), cents, reference)
    return Draft("CHARGE", fund.pk, on, "tenants.charge", 1, [line])


def test_a_transfer_debits_one_account_and_credits_another():
    fund = FundFactory()

    post([rent(fund)], at=AT)

    assert balance(owed(fund)) == 1000_00
    assert balance(income(fund)) == -1000_00


def test_an_account_nothing_was_posted_to_is_zero():
    assert balance(Key(1, chart.BANK)) == 0


def test_the_next_posting_finds_the_account():
    fund = FundFactory()

    post([rent(fund)], at=AT)
    post([rent(fund, "charge:2:share:2")], at=AT)

    assert Account.objects.filter(fund=fund).count() == 2
    assert balance(owed(fund)) == 2000_00


def test_a_reference_is_posted_once():
    fund = FundFactory()
    post([rent(fund)], at=AT)

    with pytest.raises(AlreadyPosted, match="charge:1:share:1"):
        post([rent(fund, "charge:2:share:2"), rent(fund)], at=AT)

    assert Transfer.objects.count() == 1
    assert Journal.objects.count() == 1
    assert balance(owed(fund)) == 1000_00


def test_a_closed_period_takes_nothing():
    fund = FundFactory(closed_through=ON)

    with pytest.raises(PeriodClosed, match=f"2026-03-01 is in the closed period of {fund.code}"):
        post([rent(fund)], at=AT)

    assert not Journal.objects.exists()


def test_the_day_after_the_closed_period_is_open():
    fund = FundFactory(closed_through=ON - timedelta(days=1))

    post([rent(fund)], at=AT)

    assert Journal.objects.get().effective_on == ON
    assert fund.first_open_day(date(2026, 1, 15)) == ON


def test_a_period_is_closed_further_and_never_reopened():
    fund = FundFactory()
    close_period(fund, through=ON)

    with pytest.raises(PeriodClosed):
        close_period(fund, through=ON - timedelta(days=1))

    fund.refresh_from_db()
    assert fund.closed_through == ON


def test_a_reversal_takes_everything_back():
    fund = FundFactory()
    post([rent(fund)], at=AT)

    reverse(Journal.objects.get(), on=date(2026, 3, 5), at=AT)

    assert trial_balance(fund.pk) == {chart.TENANT_RECEIVABLE: 0, chart.RENT_INCOME: 0}
    assert balances(fund.pk, chart.TENANT_RECEIVABLE) == {}


def test_a_journal_is_reversed_once():
    fund = FundFactory()
    post([rent(fund)], at=AT)
    journal = Journal.objects.get()
    reverse(journal, on=ON, at=AT)

    with pytest.raises(AlreadyReversed):
        reverse(journal, on=ON, at=AT)


@pytest.mark.parametrize("cents", [0, -1])
def test_a_line_without_money_is_refused(cents):
    with pytest.raises(BadLine, match="moves nothing"):
        post([rent(FundFactory(), cents=cents)], at=AT)


def test_a_line_between_funds_is_refused():
    here, there = FundFactory(), FundFactory()
    line = Line(owed(here), income(there), 1, "x")

    with pytest.raises(BadLine, match="crosses funds"):
        post([replace(rent(here), lines=[line])], at=AT)


def test_a_number_outside_the_chart_is_refused():
    fund = FundFactory()
    line = Line(owed(fund), Key(fund.pk, "9999"), 1, "x")

    with pytest.raises(BadLine, match="9999"):
        post([replace(rent(fund), lines=[line])], at=AT)


def test_a_journal_without_lines_is_refused():
    with pytest.raises(BadLine, match="has none"):
        post([replace(rent(FundFactory()), lines=[])], at=AT)


def test_nothing_to_post_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        post([], at=AT)


def test_a_thousand_journals_take_as_many_statements_as_one(django_assert_max_num_queries):
    fund = FundFactory()

    with django_assert_max_num_queries(8):
        post([rent(fund, f"charge:{n}:share:{n}") for n in range(1000)], at=AT)

    assert balance(owed(fund)) == 1000 * 1000_00


def test_a_statement_runs_through_the_lease_in_order():
    fund = FundFactory()
    prepaid = Key(fund.pk, chart.PREPAID_RENT, "tenant:1", 7)
    pending = Key(fund.pk, chart.PAYMENTS_PENDING, "tenant:1", 7)
    line = Line(pending, prepaid, 300_00, "payment:1:allocation:1")
    paid = Draft("ALLOCATION", fund.pk, date(2026, 2, 20), "payments.payment", 1, [line])

    post([rent(fund), paid], at=AT)

    told = [(line.number, line.cents, line.balance_cents) for line in statement_of(7)]
    assert told == [
        (chart.PREPAID_RENT, -300_00, -300_00),
        (chart.TENANT_RECEIVABLE, 1000_00, 700_00),
    ]
    assert statement_of(8) == []


def attempt(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize("table", ["ledger_transfer", "ledger_journal", "ledger_account"])
@pytest.mark.parametrize(
    "verb", ["UPDATE {} SET fund_id = fund_id", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_database_forbids_changing_history(table, verb):
    post([rent(FundFactory())], at=AT)

    with pytest.raises(DatabaseError, match=r"permission denied|only added to"):
        attempt(verb.format(table))


def test_the_database_forbids_writing_balances():
    post([rent(FundFactory())], at=AT)

    with pytest.raises(DatabaseError, match="permission denied"):
        attempt("UPDATE ledger_balance SET cents = 0")


INSERT = """INSERT INTO ledger_transfer (journal_id, fund_id, debit_id, credit_id, cents, reference)
    VALUES (%s, %s, %s, %s, 1, 'by hand')"""


def test_the_database_forbids_a_transfer_between_funds():
    here, there = FundFactory(), FundFactory()
    post([rent(here), rent(there, "charge:2:share:2")], at=AT)
    journal = Journal.objects.get(fund=here)
    mine = Account.objects.get(fund=here, number=chart.TENANT_RECEIVABLE)
    theirs = Account.objects.get(fund=there, number=chart.RENT_INCOME)

    with pytest.raises(IntegrityError, match="transfer_credit_id_is_of_its_fund"):
        attempt(INSERT, journal.pk, here.pk, mine.pk, theirs.pk)


def test_the_database_forbids_a_transfer_in_another_funds_journal():
    here, there = FundFactory(), FundFactory()
    post([rent(here), rent(there, "charge:2:share:2")], at=AT)
    journal = Journal.objects.get(fund=there)
    accounts = Account.objects.filter(fund=here).order_by("pk")

    with pytest.raises(IntegrityError, match="transfer_journal_id_is_of_its_fund"):
        attempt(INSERT, journal.pk, here.pk, *[account.pk for account in accounts])


def test_the_database_counts_a_transfer_written_by_hand():
    fund = FundFactory()
    post([rent(fund)], at=AT)
    transfer = Transfer.objects.get()

    attempt(INSERT, transfer.journal_id, fund.pk, transfer.debit_id, transfer.credit_id)

    assert balance(owed(fund)) == 1000_01
