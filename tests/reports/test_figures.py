from datetime import date, timedelta

import pytest

from housing_ach.ledger import chart
from housing_ach.ledger.models import Transfer
from housing_ach.ledger.selectors import trial_balance
from housing_ach.reports.selectors import (
    day_end,
    reasons,
    return_rates,
    returned_codes,
    settled_by_day,
)
from tests.batches.town import TUESDAY, Town
from tests.returns.letters import about
from tests.returns.post import RETURNED_ON, deliver, only_entry, send, settle

UNAUTHORIZED, ADMINISTRATIVE, OVERALL = 0, 1, 2


def came_back(town: Town, *codes: str, kept: int = 0) -> None:
    """Debits that settled together, one of them returned by each code."""
    entries = []
    for _ in range(len(codes) + kept):
        town.debit()
    settle(town, send(town))
    entry = only_entry()
    entries = list(entry.batch.entries.order_by("pk"))
    letters = [about(entries[place], code, number=place + 1) for place, code in enumerate(codes)]
    deliver(town, *letters)


def counts(on: date = RETURNED_ON, days: int = 60) -> list[tuple[int, int]]:
    return [(rate.returned, rate.sent) for rate in return_rates(on, days)]


@pytest.mark.parametrize("code", ["R05", "R07", "R10", "R11", "R29", "R51"])
def test_unauthorized_returns_count_against_the_half_percent(town: Town, code):
    came_back(town, code, kept=1)

    assert counts() == [(1, 2), (0, 2), (1, 2)]


@pytest.mark.parametrize("code", ["R02", "R03", "R04"])
def test_administrative_returns_count_against_the_three_percent(town: Town, code):
    came_back(town, code, kept=1)

    assert counts() == [(0, 2), (1, 2), (1, 2)]


def test_all_other_returns_count_overall_alone(town: Town):
    came_back(town, "R01", kept=3)

    rates = return_rates(RETURNED_ON)

    assert [rate.level for rate in rates] == [0.005, 0.03, 0.15]
    assert rates[OVERALL].share == 0.25
    assert rates[OVERALL].tone == "bad"


def test_a_rate_forgets_what_is_older_than_its_days(town: Town):
    came_back(town, "R01")
    day_after = RETURNED_ON + timedelta(days=60)

    assert counts(day_after - timedelta(days=1))[OVERALL] == (1, 0)
    assert counts(day_after)[OVERALL] == (0, 0)


def test_a_rate_can_be_asked_of_one_company(town: Town):
    came_back(town, "R01")
    ours = only_entry().batch.company_id

    assert return_rates(RETURNED_ON, company_id=ours)[OVERALL].returned == 1
    assert return_rates(RETURNED_ON, company_id=ours + 1)[OVERALL].sent == 0


def test_reasons_come_by_frequency(town: Town):
    came_back(town, "R02", "R01", "R01")

    assert [(row.code, row.times) for row in reasons(returned_codes(RETURNED_ON))] == [
        ("R01", 2),
        ("R02", 1),
    ]


def test_days_equal_the_books(town: Town):
    came_back(town, "R02", kept=2)

    days = {day.on: day for day in settled_by_day(TUESDAY, RETURNED_ON)}

    assert days[TUESDAY].settled_cents == booked(debit=chart.BANK) == 3000_00
    assert days[RETURNED_ON].returned_cents == booked(credit=chart.RETURNS_TO_BE_CHARGED) == 1000_00


def test_what_is_sent_is_pending_on_its_day(town: Town):
    town.debit()
    send(town)

    (day,) = settled_by_day(TUESDAY, TUESDAY)

    assert (day.settled_cents, day.pending_cents) == (0, 1000_00)


def test_what_is_planned_is_pending_on_its_day(town: Town):
    town.debit()

    (day,) = settled_by_day(TUESDAY, TUESDAY)

    assert day.pending_cents == 1000_00


def test_a_day_end_equals_the_books_of_its_fund(town: Town):
    came_back(town, "R02", kept=1)

    told = fund_of(town, RETURNED_ON)

    books = trial_balance(town.home.operating_fund_id)
    assert told.bank_cents == books[chart.BANK]
    assert told.in_flight_cents == books[chart.IN_TRANSIT]
    assert told.to_be_charged_cents == books[chart.RETURNS_TO_BE_CHARGED]
    assert told.returned_cents == 1000_00


def test_a_day_end_stands_as_of_its_day_whatever_came_later(town: Town):
    town.debit()
    file = send(town)
    sent_on = file.processing_on
    before = fund_of(town, sent_on)

    settle(town, file)

    assert fund_of(town, sent_on) == before
    assert (before.sent_cents, before.in_flight_cents, before.bank_cents) == (1000_00, 1000_00, 0)
    assert fund_of(town, TUESDAY).settled_cents == 1000_00


def test_a_day_end_names_the_files_of_its_day(town: Town):
    town.debit()
    file = send(town)

    assert [(row.name, row.sha256) for row in day_end(file.processing_on).files] == [
        (file.name, file.sha256)
    ]


def test_a_day_end_tells_the_cases_open_at_its_end(town: Town):
    came_back(town, "R02")

    assert [row.kind for row in day_end(RETURNED_ON).cases] == ["RETURNED"]
    assert day_end(TUESDAY).cases == []


def fund_of(town: Town, on: date):
    code = town.home.operating_fund.code
    return next(fund for fund in day_end(on).funds if fund.code == code)


def booked(**sides: str) -> int:
    numbers = {f"{side}__number": number for side, number in sides.items()}
    return sum(Transfer.objects.filter(**numbers).values_list("cents", flat=True))
