import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from django.conf import settings

from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.selectors import entry_of
from housing_ach.erp.services import (
    BadTarget,
    add_target,
    check_totals,
    day_totals,
    post_again,
    post_waiting,
    selftest,
)
from housing_ach.erp.services.posting import MOST_TRIES, WAITS
from housing_ach.erp.services.writing import write
from housing_ach.erp.states import Dialect, PostingStatus
from tests.erp.conftest import DAY, plan, rent
from tests.factories import AT, FundFactory

HEADERS = "SELECT line_count, total_debit, total_credit FROM pay_gl_journal"
SIDES = "SELECT ledger_account, debit, credit FROM pay_gl_line ORDER BY line_no"


@pytest.fixture
def posting(erp):
    rent(FundFactory(), 1)
    plan()
    return Posting.objects.get()


def cases():
    return Case.objects.filter(kind=CaseKind.ERP_POSTING).count()


def test_a_day_is_in_the_erp_to_the_cent(erp, posting):
    assert post_waiting(at=AT) == 1

    posting.refresh_from_db()
    amount = Decimal("1000.00")
    assert posting.status == PostingStatus.POSTED
    assert erp.ask(HEADERS) == [(2, amount, amount)]
    assert erp.ask(SIDES) == [("1200", amount, 0), ("4000", 0, amount)]


def test_processes_that_die_lead_to_one_posting(erp, posting, committed_db):
    """Before the commit and behind it. The second could not die there had the first left anything."""
    died = subprocess.run(
        [sys.executable, "-m", "tests.erp.worker", str(AT), "erp.inserted", "erp.committed"],
        env=os.environ | committed_db.environment(),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.stdout.split() == [str(-signal.SIGKILL)] * 2
    assert len(erp.ask(HEADERS)) == 1

    post_waiting(at=AT + 2 * WAITS[0])

    posting.refresh_from_db()
    assert (posting.status, posting.tries) == (PostingStatus.POSTED, 3)
    assert len(erp.ask(HEADERS)) == 1


def test_twelve_racing_posters_make_one_posting(erp, posting):
    entry = entry_of(posting)

    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda _n: write(erp.engine, entry), range(12)))

    assert made.count(True) == 1
    assert len(erp.ask(HEADERS)) == 1


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE pay_gl_line SET account = '9999' WHERE line_no = 1",
        "UPDATE pay_gl_journal SET content_sha256 = 'x'",
        "UPDATE pay_gl_journal SET posting_date = '2026-01-01'",
        "DELETE FROM pay_gl_line",
    ],
)
def test_a_conflict_stops_the_target_until_a_person_says_so(erp, posting, edit):
    write(erp.engine, entry_of(posting))
    erp.do(edit)
    rent(FundFactory(), 2)
    plan()

    assert post_waiting(at=AT) == 0
    assert post_waiting(at=AT + timedelta(days=1)) == 0

    posting.refresh_from_db()
    assert posting.status == PostingStatus.CONFLICT
    assert cases() == 1
    erp.do("DELETE FROM pay_gl_line")
    erp.do("DELETE FROM pay_gl_journal")
    post_again(posting, at=AT)
    assert post_waiting(at=AT) == 2


def test_what_a_rule_of_theirs_refuses_becomes_a_case(erp, posting):
    erp.do("ALTER TABLE pay_gl_line ADD CONSTRAINT known CHECK (account <> '4000')")

    post_waiting(at=AT)

    posting.refresh_from_db()
    assert posting.status == PostingStatus.CONFLICT
    assert posting.problem.endswith("was refused, and is not there")
    assert cases() == 1
    assert erp.ask(HEADERS) == []


def test_an_address_its_driver_no_longer_takes_keeps_no_other_target_waiting(erp, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr("housing_ach.erp.services.targets.check_address", lambda _url: None)
        add_target(
            name="away", dialect=Dialect.MSSQL, schema="", starts_on=DAY,
            url="mssql://a:hidden@127.0.0.1:1/books?LoginTimeout=5",
        )  # fmt: skip
    rent(FundFactory(), 1)
    plan()

    assert post_waiting(at=AT) == 1

    waiting = Posting.objects.get(target__name="away")
    assert (waiting.status, waiting.problem) == (PostingStatus.PENDING, "AddressRefused")


def test_trouble_is_tried_later_and_told_without_the_address(erp, posting):
    erp.do("ALTER TABLE pay_gl_line RENAME TO away")
    assert post_waiting(at=AT) == 0
    posting.refresh_from_db()
    assert (posting.status, posting.tries) == (PostingStatus.PENDING, 1)
    assert posting.problem == "ProgrammingError / UndefinedTable"
    erp.do("ALTER TABLE away RENAME TO pay_gl_line")

    assert post_waiting(at=AT) == 0
    assert post_waiting(at=AT + WAITS[0]) == 1


def test_an_erp_never_reached_becomes_a_case(erp, posting):
    Posting.objects.update(tries=MOST_TRIES - 1)
    nowhere = add_target(
        name="nowhere", dialect=Dialect.POSTGRESQL, schema="", starts_on=DAY,
        url="postgresql://somebody:hidden@127.0.0.1:1/none",
    )  # fmt: skip
    Target.objects.filter(pk=nowhere.pk).update(is_active=False)
    plan()
    secret = Target.objects.get(pk=nowhere.pk).secret
    Target.objects.filter(pk=nowhere.pk).update(name="was nowhere")
    Target.objects.filter(pk=erp.target.pk).update(name="nowhere", secret=secret)

    post_waiting(at=AT)

    posting.refresh_from_db()
    assert posting.status == PostingStatus.FAILED
    assert "hidden" not in posting.problem
    assert cases() == 1


def test_the_days_totals_agree_and_are_the_ledgers(erp, posting):
    post_waiting(at=AT)

    (total,) = day_totals(erp.target, DAY)

    assert total.agrees
    assert total.ours == (2, 1000_00, 1000_00)


def test_totals_that_differ_become_a_case(erp, posting):
    post_waiting(at=AT)
    check_totals(at=AT)
    assert cases() == 0
    erp.do("DELETE FROM pay_gl_line WHERE line_no = 2")

    check_totals(at=AT)

    assert cases() == 1


def test_the_self_test_passes_and_leaves_nothing(erp):
    assert len(list(selftest(erp.target))) == 5
    assert erp.ask(HEADERS) == []


def test_the_tables_may_be_in_a_schema_of_their_own(erp, posting):
    erp.do("CREATE SCHEMA gl")
    for table in ("pay_gl_journal", "pay_gl_line"):
        erp.do(f"ALTER TABLE {table} SET SCHEMA gl")
    Target.objects.update(schema="gl")

    assert post_waiting(at=AT) == 1


@pytest.mark.parametrize("url", ["nonsense", "oracle://a:b@host/x"])
def test_an_address_of_another_kind_is_refused_unsaid(db, url):
    with pytest.raises(BadTarget) as refused:
        add_target(name="x", dialect=Dialect.POSTGRESQL, url=url, schema="", starts_on=DAY)

    assert url not in str(refused.value)


def test_the_address_is_sealed(erp):
    assert sa.make_url(erp.engine.url).database not in str(vars(erp.target))
