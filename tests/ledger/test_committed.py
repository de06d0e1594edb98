from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from django.db import DatabaseError, connection

from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.models import Account, Transfer
from housing_ach.ledger.selectors import balance
from housing_ach.ledger.services import post
from tests.factories import AT, FundFactory

WORKERS, ROUNDS = 4, 10


def test_parallel_postings_to_the_same_accounts_lose_nothing(committed_db):
    """They meet on the fund's bank account and each names the new ones in another order."""
    fund = FundFactory()
    bank = Key(fund.pk, chart.BANK)
    batches = [Key(fund.pk, chart.IN_TRANSIT, f"batch:{n}") for n in range(20)]

    def work(worker):
        try:
            for turn in range(ROUNDS):
                shuffled = batches[::-1] if worker % 2 else batches
                lines = [
                    Line(bank, key, 1, f"{worker}:{turn}:{n}") for n, key in enumerate(shuffled)
                ]
                draft = Draft("TEST", fund.pk, date(2026, 3, 1), "test", turn, lines)
                post([draft], at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))

    assert balance(bank) == WORKERS * ROUNDS * len(batches)
    assert Account.objects.count() == 1 + len(batches)


def test_closing_waits_for_a_posting_under_way(committed_db):
    fund = FundFactory()
    line = Line(Key(fund.pk, chart.BANK), Key(fund.pk, chart.SUSPENSE), 1, "x")
    close = "UPDATE ledger_fund SET closed_through = '2026-03-31'"

    with committed_db.connect(autocommit=False) as other:
        other.execute("SET lock_timeout = '200ms'")
        connection.set_autocommit(False)
        post([Draft("TEST", fund.pk, date(2026, 3, 1), "test", 1, [line])], at=AT)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(close)
        other.rollback()
        connection.commit()
        other.execute(close)
    connection.set_autocommit(True)

    fund.refresh_from_db()
    assert fund.closed_through == date(2026, 3, 31)


def test_the_web_process_may_post_and_never_change(committed_db):
    fund = FundFactory()
    line = Line(Key(fund.pk, chart.BANK), Key(fund.pk, chart.SUSPENSE), 1, "x")

    with committed_db.acting_as("app"):
        post([Draft("TEST", fund.pk, date(2026, 3, 1), "test", 1, [line])], at=AT)
        with pytest.raises(DatabaseError, match="permission denied"):
            Transfer.objects.update(cents=2)

    assert balance(Key(fund.pk, chart.BANK)) == 1
