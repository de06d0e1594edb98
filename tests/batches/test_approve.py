import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from housing_ach.audit.move import StaleState
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.services import (
    ContentChanged,
    MakerCannotApprove,
    NotPlanned,
    PastCutOff,
    approve,
    cancel,
    eject,
)
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.users.services import system_user
from tests.batches.town import CUT_OFF, NOON, Town, statuses
from tests.factories import UserFactory


@pytest.fixture
def draft(town) -> Batch:
    town.debit()
    town.debit()
    (batch,) = town.build()
    return batch


def test_an_approval_is_bound_to_the_content(town, draft):
    approve(draft, by=town.clerk, at=NOON)

    draft.refresh_from_db()
    assert (draft.status, draft.approved_by) == (BatchStatus.APPROVED, town.clerk)
    assert draft.approved_sha == draft.content_sha != ""


def test_the_maker_cannot_approve(draft):
    with pytest.raises(MakerCannotApprove):
        approve(draft, by=system_user(), at=NOON)


def test_not_even_the_database_lets_the_maker_approve(draft):
    with pytest.raises(IntegrityError, match="batch_maker_is_not_its_checker"):
        Batch.objects.filter(pk=draft.pk).update(approved_by=draft.made_by)


def test_not_even_the_database_lets_other_content_be_approved(town, draft):
    approve(draft, by=town.clerk, at=NOON)

    with pytest.raises(IntegrityError, match="batch_is_approved_as_it_is"):
        Batch.objects.filter(pk=draft.pk).update(content_sha="0" * 64)


def test_the_second_of_two_clerks_is_told(town, draft):
    same = Batch.objects.get(pk=draft.pk)
    approve(draft, by=town.clerk, at=NOON)

    with pytest.raises(StaleState):
        approve(same, by=UserFactory(), at=NOON)


def test_a_changed_batch_is_not_approved(town, draft):
    Batch.objects.filter(pk=draft.pk).update(content_sha="0" * 64)
    draft.refresh_from_db()

    with pytest.raises(ContentChanged):
        approve(draft, by=town.clerk, at=NOON)


def test_nothing_is_approved_at_the_cut_off(town, draft):
    with pytest.raises(PastCutOff):
        approve(draft, by=town.clerk, at=CUT_OFF)


def test_a_cancelled_batch_gives_its_payments_back(town, draft):
    cancel(draft, reason="wrong month", at=NOON)

    assert statuses() == ["SCHEDULED", "SCHEDULED"]
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.EJECTED}
    assert [batch.entry_count for batch in town.build()] == [2]


def test_an_ejected_entry_holds_its_payment_and_leaves_the_approval_standing(town, draft):
    approve(draft, by=town.clerk, at=NOON)

    eject(draft.entries.first(), reason="tenant asked", at=NOON)

    draft.refresh_from_db()
    assert (draft.status, draft.entry_count, draft.cents) == (BatchStatus.APPROVED, 1, 1000_00)
    assert statuses() == ["HELD", "BATCHED"]
    assert Case.objects.open().get().kind == CaseKind.ENTRY_EJECTED


def test_a_frozen_entry_is_not_ejected(town):
    town.debit()
    town.frozen()

    with pytest.raises(NotPlanned):
        eject(Entry.objects.get(), reason="too late", at=NOON)


@pytest.mark.parametrize("change", [{"cents": 1}, {"account_version_id": 1}, {"payment_id": 1}])
def test_what_an_entry_moves_cannot_be_changed(draft, change):
    with pytest.raises(Exception, match="forbidden"), transaction.atomic():
        Entry.objects.filter(batch=draft).update(**change)


def test_the_web_process_may_decide_but_give_no_traces(committed_db, bank):
    town = Town.beside(bank)
    town.debit()
    town.debit()
    (batch,) = town.build()

    with committed_db.acting_as("app"):
        approve(batch, by=town.clerk, at=NOON)
        eject(batch.entries.first(), reason="tenant asked", at=NOON)
        with pytest.raises(ProgrammingError, match="batches_trace_serial"):
            town.freeze()
        cancel(batch, reason="wrong month", at=NOON)

    assert statuses() == ["HELD", "SCHEDULED"]
