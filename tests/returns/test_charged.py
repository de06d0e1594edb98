"""The bank charges a return that it never sent, or sends late."""

from datetime import date, timedelta

from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.batches import services as batches
from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from tests.batches.town import Town, morning
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, cases, deliver, fetched

NEXT_DAY = RETURNED_ON + timedelta(days=1)
MISSING = ("SETTLEMENT_MISMATCH", "batches.entry")


def charge(town: Town, entry: Entry, *, on: date = RETURNED_ON) -> None:
    company = entry.batch.company.company_id
    line = f"RETURN,{company},{entry.trace},111111110000001,R01,{on},DEBIT,{entry.cents}"
    head = f"HDR,SETTLEMENT,1,{on}T13:30:00Z,{on},{SANDBOX_BANK_ROUTING}"
    fetched(town, f"{head}\n{line}\nTRL,1,0,0,{entry.cents},0\n".encode(), at=morning(on))
    batches.apply_received(at=morning(on))


def test_a_charge_may_come_some_hours_before_its_return(town: Town, settled: Entry):
    charge(town, settled)

    batches.watch(at=morning(RETURNED_ON))

    assert MISSING not in cases()


def test_a_charge_without_a_return_is_told_once(town: Town, settled: Entry):
    charge(town, settled)

    batches.watch(at=morning(NEXT_DAY))
    batches.watch(at=morning(NEXT_DAY))

    assert cases().count(MISSING) == 1


def test_the_case_is_closed_when_the_return_comes(town: Town, settled: Entry):
    charge(town, settled)
    batches.watch(at=morning(NEXT_DAY))

    deliver(town, about(settled, "R01"), on=NEXT_DAY)

    assert MISSING not in cases()
    assert Case.objects.get(subject=MISSING[1]).resolution == "came back as R01"
