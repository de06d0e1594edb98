from housing_ach.ledger import chart
from housing_ach.ledger.models import Transfer
from housing_ach.payments.states import Direction
from housing_ach.reports.selectors import batch, batch_report
from tests.batches.town import Town
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle


def test_its_money_is_that_of_the_books(town: Town):
    town.debit()
    town.debit()
    settle(town, send(town))
    deliver(town, about(only_entry(), "R02"))

    told = batch_report(only_entry().batch).booked

    assert told.sent_cents == booked(debit__number=chart.IN_TRANSIT) == 2000_00
    assert told.settled_cents == booked(debit__number=chart.BANK) == 2000_00
    assert told.returned_cents == booked(credit__number=chart.RETURNS_TO_BE_CHARGED) == 1000_00
    assert (told.in_transit_cents, told.to_be_charged_cents) == (0, 1000_00)


def test_what_came_back_and_what_stayed_are_told_apart(town: Town):
    town.debit()
    town.debit()
    settle(town, send(town))
    gone = only_entry()
    deliver(town, about(gone, "R02"))

    told = batch_report(gone.batch)

    assert [(row.trace, row.reason) for row in told.came_back] == [(gone.trace, "R02")]
    assert len(told.entries) == 2
    assert told.by_status == {"RETURNED": 1, "SETTLED": 1}


def test_the_amounts_that_verify_an_account_are_told_nobody(town: Town):
    deposits = town.micro_deposits()
    (made,) = town.build()

    told = batch_report(made)

    assert [row.cents for row in told.entries] == [None, None]
    assert told.cents == sum(payment.cents for payment in deposits.order.payments.all())


def test_more_entries_than_a_report_lists_are_left_to_the_export(town: Town, monkeypatch):
    monkeypatch.setattr(batch, "MOST_ENTRIES", 1)
    town.debit()
    town.debit()
    send(town)

    told = batch_report(only_entry().batch)

    assert (told.too_many, told.entries) == (True, [])
    assert told.entry_count == 2


def test_it_asks_as_much_for_many_entries_as_for_one(town: Town, django_assert_max_num_queries):
    for _ in range(5):
        town.debit()
    send(town)
    found = type(only_entry().batch).objects.get()

    with django_assert_max_num_queries(14):
        told = batch_report(found)

    assert told.direction == Direction.DEBIT


def booked(**sides: str) -> int:
    return sum(Transfer.objects.filter(**sides).values_list("cents", flat=True))
