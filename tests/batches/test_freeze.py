import hashlib

import pytest
from django.db import connection, transaction

from housing_ach import nacha
from housing_ach.bank.selectors import FREEZE_AHEAD
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.services import PastCutOff, content_of
from housing_ach.batches.states import BatchStatus, EntryStatus, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.services import correct_account, pause
from housing_ach.mandates.states import Channel
from housing_ach.payments.selectors import can_cancel, revoking
from housing_ach.payments.services import TooLate, cancel, hold, release, revoke_mandate
from housing_ach.payments.states import Stop
from tests.batches.town import CUT_OFF, NOON, TUESDAY, statuses
from tests.factories import MandateFactory, PaymentFactory, UserFactory


def test_the_file_holds_what_was_approved(town):
    for channel in (Channel.PAPER, Channel.INTERNET):
        town.debit(channel=channel)

    file = town.frozen()

    content = content_of(file)
    assert hashlib.sha256(content).hexdigest() == file.sha256
    read = nacha.read(content)
    assert [(batch.number, batch.sec_code, batch.effective_on) for batch in read.batches] == [
        (1, "PPD", TUESDAY),
        (2, "WEB", TUESDAY),
    ]
    lines = {entry.line: (entry.trace, entry.cents) for entry in read.entries}
    assert lines == {entry.line: (entry.trace, entry.cents) for entry in Entry.objects.all()}
    assert read.entries[1].discretionary == "S"
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.FROZEN}


def test_the_masked_copy_shows_no_account_number(town):
    town.debit("99001234567")

    file = town.frozen()

    assert "99001234567" not in file.masked
    assert "*******4567" in file.masked
    assert b"99001234567" in content_of(file)


def test_a_name_is_folded_to_ascii(town):
    town.debit(name="Søren Ærø Ångström")

    assert nacha.read(content_of(town.frozen())).entries[0].name == "Soren AEro Angstrom"


def test_nothing_is_frozen_at_the_cut_off(town):
    town.debit()
    town.approved()

    with pytest.raises(PastCutOff):
        town.freeze(CUT_OFF)


def test_a_draft_stays_behind(town):
    town.debit()
    town.build()

    assert town.freeze() is None


def test_freezing_again_finds_nothing(town):
    town.debit()
    town.frozen()

    assert town.freeze() is None
    assert BankFile.objects.count() == 1


def test_a_mandate_paused_after_the_approval_is_seen(town):
    stopped, _ = town.debit(), town.debit()
    town.approved()
    pause(stopped.mandate, "asked for", NOON)

    file = town.freeze()

    assert nacha.read(content_of(file)).entry_count == 1
    assert statuses() == ["HELD", "BATCHED"]
    assert Batch.objects.get().entry_count == 1
    assert Case.objects.open().get().subject_id == str(stopped.pk)


def test_an_account_corrected_after_the_approval_is_not_debited_under_its_old_number(town):
    payment, _ = town.debit(), town.debit()
    town.approved()
    correct_account(payment.bank_account, routing="222371863", reason="C02", at=NOON)

    file = town.freeze()

    assert nacha.read(content_of(file)).entry_count == 1
    assert "account changed" in Case.objects.open().get().summary


def test_a_payment_cancelled_after_the_approval_stays_cancelled(town):
    payment, _ = town.debit(), town.debit()
    town.approved()
    payment.refresh_from_db()
    cancel(payment, by=town.clerk, reason="moved out", at=NOON)

    assert town.freeze() is not None

    assert statuses() == ["CANCELLED", "BATCHED"]
    assert Entry.objects.order_by("pk").first().status == EntryStatus.EJECTED


def test_a_batch_of_which_nothing_is_left_is_cancelled(town):
    payment = town.debit()
    town.approved()
    pause(payment.mandate, "asked for", NOON)

    assert town.freeze() is None
    assert Batch.objects.get().status == BatchStatus.CANCELLED


@pytest.mark.parametrize("bad", ["number", "amount"])
def test_a_bad_entry_is_ejected_and_the_others_go(town, bad):
    town.debit()
    if bad == "amount":
        town.debit(cents=10**10)
    else:
        PaymentFactory(
            mandate=MandateFactory(lease__unit__property=town.home), requested_on=TUESDAY
        )

    file = town.frozen()

    assert nacha.read(content_of(file)).entry_count == 1
    assert statuses() == ["BATCHED", "HELD"]
    assert Case.objects.open().get().kind == CaseKind.ENTRY_EJECTED


def test_the_banks_own_rules_are_kept(town):
    town.profile.rule_overrides = {"H03": "error"}
    town.profile.immediate_destination = "123456789"
    town.profile.save()
    town.debit()
    town.approved()

    assert town.freeze() is None

    case = Case.objects.open().get()
    assert case.kind == CaseKind.FILE_HELD
    assert "H03" in case.summary
    assert Batch.objects.get().status == BatchStatus.APPROVED


def test_files_of_one_minute_have_modifiers_of_their_own(town):
    for _ in range(2):
        town.debit()
        town.frozen()

    files = list(BankFile.objects.order_by("pk"))

    assert [file.modifier for file in files] == ["A", "B"]
    assert len({file.name for file in files}) == 2


def test_traces_stay_ascending_where_their_last_digits_begin_anew(town):
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('batches_trace_serial', 9999998)")
    for _ in range(3):
        town.debit()

    town.frozen()

    traces = list(Entry.objects.order_by("pk").values_list("trace", flat=True))
    assert traces == ["123456780000001", "123456780000002", "123456780000003"]


def test_a_frozen_payment_follows_its_file(town):
    payment = town.debit()
    town.frozen()

    assert hold([payment.pk], kind=CaseKind.HOLD, reason="too late", at=NOON) == []
    payment.refresh_from_db()
    with pytest.raises(TooLate, match="closed at 2026-03-02 21:00 UTC"):
        cancel(payment, by=town.clerk, reason="too late", at=NOON)
    assert revoke_mandate(payment.mandate, by=town.clerk, reason="moves", at=NOON).under_way == [
        payment.pk
    ]


def test_what_can_be_stopped_is_told_with_the_cut_off(town):
    payment = town.debit()
    assert can_cancel(payment) == (Stop.OK, CUT_OFF - FREEZE_AHEAD)

    town.frozen()
    payment.refresh_from_db()

    assert can_cancel(payment) == (Stop.WITH_BANK, CUT_OFF)
    assert revoking(payment.mandate, at=NOON) == ((), (payment,), ())


def test_the_terms_of_a_file_never_change(town):
    town.debit()
    file = town.frozen()

    with pytest.raises(Exception, match="forbidden"), transaction.atomic():
        BankFile.objects.filter(pk=file.pk).update(sha256="0" * 64)
    assert BankFile.objects.get().status == FileStatus.FROZEN


def test_a_batch_that_is_not_what_was_approved_stays_behind(town):
    payment = town.debit()
    (batch,) = town.approved()
    entry = Entry.objects.get(payment=payment)
    other = town.debit()
    entry.pk, entry.payment = None, other
    entry.save(force_insert=True)

    assert town.freeze() is None

    batch.refresh_from_db()
    assert batch.status == BatchStatus.APPROVED
    assert "not what was approved" in Case.objects.open().get().summary


def test_a_left_over_entry_does_not_count_in_the_batch_it_was_made_for(town):
    payment, _ = town.debit(), town.debit()
    (first,) = town.approved()
    hold([payment.pk], kind=CaseKind.HOLD, reason="asked by telephone", at=NOON)
    payment.refresh_from_db()
    release(payment, by=UserFactory(), reason="asked again", at=NOON)
    town.approved()

    town.freeze()

    first.refresh_from_db()
    assert (first.entry_count, first.cents) == (1, 1000_00)
    assert BankFile.objects.get().batches.count() == 2
