from datetime import date

import pytest
from django.db import IntegrityError, connection

from housing_ach.erp.models import Posting
from housing_ach.erp.selectors import entry_of
from housing_ach.erp.services import map_account, plan_postings
from housing_ach.ledger import chart
from tests.erp.conftest import DAY, LATER, plan, rent
from tests.factories import AT, FundFactory
from tests.final import wait_until_final


def test_a_finished_day_is_one_posting_of_each_fund(erp):
    one, other = FundFactory(), FundFactory()
    rent(one, 1)
    rent(one, 2, cents=5_00)
    rent(other, 3)

    plan()

    sums = Posting.objects.order_by("fund").values_list("fund", "line_count", "debit_cents")
    assert list(sums) == [(one.pk, 4, 1005_00), (other.pk, 2, 1000_00)]


def test_a_day_under_way_and_one_before_the_start_wait(erp):
    fund = FundFactory()
    rent(fund, 1, on=AT.date())
    rent(fund, 2, on=date(2026, 2, 28))

    assert plan() == 0


def test_nothing_is_planned_twice(erp):
    rent(FundFactory(), 1)
    plan()

    assert plan() == 0


def test_a_late_journal_gets_a_posting_of_its_own(erp):
    fund = FundFactory()
    rent(fund, 1)
    plan()
    rent(fund, 2, cents=7_00)

    plan()

    first, second = Posting.objects.order_by("pk")
    assert second.after_txid == first.until_txid
    assert {line.reference for line in entry_of(first).lines} == {"charge:1"}
    assert {line.reference for line in entry_of(second).lines} == {"charge:2"}


def test_a_journal_made_ahead_waits_for_its_day(erp):
    fund = FundFactory()
    rent(fund, 1)
    rent(fund, 2, on=AT.date())
    plan()

    assert plan_postings(at=LATER) == 1

    days = Posting.objects.order_by("pk").values_list("day", "after_txid")
    assert list(days) == [(DAY, None), (AT.date(), None)]


def test_a_late_journal_may_be_of_a_day_or_a_fund_without_a_posting(erp):
    fund, other = FundFactory(), FundFactory()
    rent(fund, 1, on=AT.date())
    wait_until_final()
    plan_postings(at=LATER)
    rent(fund, 2)
    rent(other, 3, on=AT.date())
    wait_until_final()

    assert plan_postings(at=LATER) == 2

    said = [line.reference for row in Posting.objects.all() for line in entry_of(row).lines]
    assert sorted(said) == ["charge:1"] * 2 + ["charge:2"] * 2 + ["charge:3"] * 2


def test_a_transaction_that_commits_late_is_in_the_next_posting(erp, committed_db):
    fund = FundFactory()
    rent(fund, 1)
    with committed_db.connect(autocommit=False) as other:
        (going,) = other.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        rent(fund, 2)
        plan(last=going - 1)
        assert {line.reference for line in entry_of(Posting.objects.get()).lines} == {"charge:1"}

    plan()

    said = [line.reference for row in Posting.objects.all() for line in entry_of(row).lines]
    assert sorted(said) == ["charge:1"] * 2 + ["charge:2"] * 2


def test_codes_are_kept_as_they_were_and_other_numbers_go_as_they_are(erp):
    fund = FundFactory()
    map_account(erp.target, fund, number=chart.RENT_INCOME, code="400-10")
    rent(fund, 1)
    plan()

    map_account(erp.target, fund, number=chart.RENT_INCOME, code="changed")

    assert [line.account for line in entry_of(Posting.objects.get()).lines] == ["1200", "400-10"]


@pytest.mark.parametrize(("after", "rule"), [(None, "begins_once"), (1, "where_one_ended")])
def test_the_database_lets_no_posting_overlap_another(erp, after, rule):
    rent(FundFactory(), 1)
    plan()
    posting = Posting.objects.get()
    posting.pk, posting.after_txid, posting.source_ref = None, after, "HMS-OTHER"
    posting.until_txid += 5

    with pytest.raises(IntegrityError, match=rule):
        posting.save(force_insert=True)


def test_what_was_planned_never_changes(erp, committed_db):
    rent(FundFactory(), 1)
    plan()

    with pytest.raises(Exception, match="history is only added to"), connection.cursor() as cursor:
        cursor.execute("UPDATE erp_posting SET day = %s", [DAY])
