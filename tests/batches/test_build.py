from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.selectors import slots_to_build, slots_to_freeze
from housing_ach.batches.services import PastCutOff, build
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.services import pause
from housing_ach.mandates.states import Channel
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold, release
from housing_ach.shared.business_days import new_york_at
from housing_ach.users.services import system_user
from tests.batches.town import CUT_OFF, MONDAY, NOON, TUESDAY, WEDNESDAY, Town, statuses
from tests.factories import UserFactory


def test_each_sec_code_has_a_batch_of_its_own(town):
    for channel in (Channel.PAPER, Channel.INTERNET, Channel.PAPER):
        town.debit(channel=channel)

    batches = town.build()

    assert [
        (batch.sec_code, batch.description, batch.entry_count, batch.cents) for batch in batches
    ] == [
        ("PPD", "RENT", 2, 2000_00),
        ("WEB", "RENT", 1, 1000_00),
    ]
    assert statuses() == ["BATCHED"] * 3


def test_an_entry_names_lease_and_tenant_so_that_a_return_does(town):
    payment = town.debit()

    town.build()

    entry = Entry.objects.get()
    assert entry.individual_id == f"L{payment.lease_id:07d}T{payment.tenant_id:06d}"
    assert (entry.transaction_code, entry.cents, entry.attempt) == ("27", 1000_00, 1)


def test_building_again_finds_nothing(town):
    town.debit()
    town.build()

    assert town.build() == []
    assert Entry.objects.count() == 1


def test_a_payment_that_settles_later_waits(town):
    town.debit(settles_on=WEDNESDAY)

    assert town.build() == []


def test_a_late_payment_gets_the_date_of_its_batch(town):
    payment = town.debit()
    Payment.objects.filter(pk=payment.pk).update(effective_on=MONDAY)

    (batch,) = town.build()

    payment.refresh_from_db()
    assert batch.effective_on == payment.effective_on == TUESDAY


def test_nothing_is_built_for_a_window_that_closed(town):
    with pytest.raises(PastCutOff):
        build(window=town.window, on=MONDAY, at=CUT_OFF, by=system_user())


def test_a_payment_that_may_not_go_is_held_and_the_others_go(town):
    town.debit()
    stopped = town.debit()
    pause(stopped.mandate, "asked for", NOON)

    (batch,) = town.build()

    assert batch.entry_count == 1
    assert statuses() == ["BATCHED", "HELD"]
    case = Case.objects.open().get()
    assert (case.kind, case.subject_id) == (CaseKind.MANDATE, str(stopped.pk))


def test_a_payment_that_fits_no_entry_is_held_and_the_others_go(town):
    town.debit()
    town.debit(share__tenant__id=10**6)

    (batch,) = town.build()

    assert batch.entry_count == 1
    assert Case.objects.open().get().kind == CaseKind.ENTRY_EJECTED
    assert statuses() == ["BATCHED", "HELD"]


def test_a_retry_travels_in_a_batch_of_its_own_with_the_day_first_agreed_to(town):
    town.debit()
    retry = town.debit()
    Payment.objects.filter(pk=retry.pk).update(retries=1)

    batches = town.build()

    assert [(batch.description, batch.requested_on) for batch in batches] == [
        ("RENT", TUESDAY),
        ("RETRY PYMT", TUESDAY),
    ]


def test_a_payment_held_and_released_gets_a_new_entry(town):
    payment = town.debit()
    town.build()
    hold([payment.pk], kind=CaseKind.HOLD, reason="asked by telephone", at=NOON)
    payment.refresh_from_db()
    release(payment, by=UserFactory(), reason="asked again", at=NOON)

    town.build()

    found = Entry.objects.order_by("pk").values_list("status", "attempt")
    assert list(found) == [(EntryStatus.EJECTED, 1), (EntryStatus.PLANNED, 2)]


def test_two_builds_at_once_plan_each_payment_once(committed_db, bank):
    town = Town.beside(bank)
    for _ in range(6):
        town.debit()

    def run(_):
        try:
            return town.build()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))

    assert Entry.objects.count() == 6
    assert sum(Batch.objects.values_list("entry_count", flat=True)) == 6


def test_drafts_are_made_from_noon_and_files_in_the_last_hour(town):
    clock = town.window.cut_off.replace

    def at(hour, minute=0):
        return new_york_at(MONDAY, clock(hour=hour, minute=minute))

    assert [len(slots_to_build(at(hour))) for hour in (11, 12, 15, 16)] == [0, 1, 1, 0]
    assert [len(slots_to_freeze(at(hour))) for hour in (14, 15, 16)] == [0, 1, 0]
