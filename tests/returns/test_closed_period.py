"""The bank settles and returns whether or not our books of the day are still open."""

from datetime import timedelta

from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.ledger.models import Journal
from housing_ach.ledger.services import close_period
from housing_ach.payments.states import PaymentStatus
from tests.batches.town import TUESDAY, Town, statuses
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, deliver, send, settle


def posted_on(kind: str) -> list[object]:
    return list(Journal.objects.filter(kind=kind).values_list("effective_on", flat=True))


def test_a_settlement_of_a_closed_day_is_posted_on_the_first_open_one(town: Town):
    town.debit()
    file = send(town)
    close_period(town.home.operating_fund, through=TUESDAY)

    settle(town, file)

    after = TUESDAY + timedelta(days=1)
    assert statuses() == [PaymentStatus.SETTLED]
    assert posted_on("ACH_SETTLED") == posted_on("ALLOCATION") == [after]


def test_a_return_of_a_closed_day_is_posted_on_the_first_open_one(town: Town, settled: Entry):
    close_period(town.home.operating_fund, through=RETURNED_ON)

    deliver(town, about(settled, "R01"))

    assert statuses() == [PaymentStatus.SCHEDULED]
    assert posted_on("UNWIND") == [RETURNED_ON + timedelta(days=1)]
    assert not Case.objects.exists()
