"""Whatever is posted, the stored balances are the transfers' sums and each fund sums to zero."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.models import Balance, Transfer
from housing_ach.ledger.selectors import trial_balance
from housing_ach.ledger.services import post
from tests.factories import AT, FundFactory

pytestmark = pytest.mark.django_db
SIDES = st.tuples(
    st.sampled_from(sorted(NAMES)), st.sampled_from(["", "tenant:1", "batch:1"]), st.integers(0, 2)
)
MOVES = st.tuples(SIDES, SIDES, st.integers(1, 10**13)).filter(lambda move: move[0] != move[1])
JOURNALS = st.lists(
    st.tuples(st.integers(0, 1), st.lists(MOVES, min_size=1, max_size=6)), max_size=8
)


def drafts(funds, journals, start):
    number = start
    for place, moves in journals:
        fund = funds[place].pk
        lines = []
        for debit, credit, cents in moves:
            lines.append(Line(Key(fund, *debit), Key(fund, *credit), cents, f"move:{number}"))
            number += 1
        yield Draft("TEST", fund, date(2026, 3, 1), "test", number, lines)


def recomputed():
    sums = Counter()
    for debit, credit, cents in Transfer.objects.values_list("debit", "credit", "cents"):
        sums[debit] += cents
        sums[credit] -= cents
    return dict(sums)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=st.lists(JOURNALS, max_size=3))
def test_balances_are_what_the_transfers_say(calls):
    funds = [FundFactory(), FundFactory()]
    posted = Transfer.objects.count()

    for journals in calls:
        prepared = list(drafts(funds, journals, start=posted))
        post(prepared, at=AT)
        posted += sum(len(draft.lines) for draft in prepared)

    assert Transfer.objects.count() == posted
    assert dict(Balance.objects.values_list("account", "cents")) == recomputed()
    assert [sum(trial_balance(fund.pk).values()) for fund in funds] == [0, 0]
