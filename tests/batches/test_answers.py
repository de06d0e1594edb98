"""What the bank writes back: acknowledged, settled, returned, cleared."""

import pytest

from housing_ach.batches.models import Arrival, BankFile, Batch, Entry, Evidence
from housing_ach.batches.services import (
    NotReturnable,
    apply_received,
    clear,
    receive,
    take_back,
    watch,
)
from housing_ach.batches.states import (
    BatchStatus,
    EntryStatus,
    EvidenceKind,
    FileKind,
    FileStatus,
)
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.states import Channel
from housing_ach.payments.models import Payment
from tests.batches.town import (
    AFTERNOON,
    CUT_OFF,
    EVENING,
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    morning,
    statuses,
)


def inbound(**filters) -> BankFile:
    return BankFile.objects.get(direction="IN", **filters)


def put(town, name, text) -> None:
    (town.bank.inbound / name).write_text(text)


def cases() -> list[str]:
    return list(Case.objects.open().order_by("pk").values_list("kind", flat=True))


def take_back_all(town, on, code="R01"):
    """As package returns does with what it reads."""
    for entry in Entry.objects.order_by("pk"):
        take_back(entry, code=code, on=on, at=morning(on))


class TestAcknowledgement:
    def test_an_accepted_file_is_accepted_all_through(self, town):
        town.debit()
        file = town.sent()

        town.listen(EVENING)

        file.refresh_from_db()
        assert file.status == FileStatus.ACCEPTED
        assert file.acknowledged_at == AFTERNOON
        assert Batch.objects.get().status == BatchStatus.ACCEPTED
        assert statuses() == ["ACCEPTED"]
        assert Evidence.objects.get().kind == EvidenceKind.ACKNOWLEDGED

    def test_a_rejected_file_is_planned_anew_without_counting_a_retry(self, town):
        town.debit("9930300001")
        file = town.sent()

        town.listen(EVENING)

        file.refresh_from_db()
        payment = Payment.objects.get()
        assert file.status == FileStatus.REJECTED
        assert (payment.status, payment.retries, payment.effective_on) == (
            "SCHEDULED",
            0,
            WEDNESDAY,
        )
        assert cases() == [CaseKind.FILE_REJECTED]
        assert town.books() == {"1200": 1000_00, "4000": -1000_00}

    def test_a_rejected_batch_leaves_the_others_alone(self, town):
        town.debit("9930400001")
        town.debit(channel=Channel.INTERNET)
        town.sent()

        town.listen(EVENING)

        assert statuses() == ["SCHEDULED", "ACCEPTED"]
        assert cases() == [CaseKind.BATCH_REJECTED]
        assert town.in_transit() == 1000_00

    def test_a_duplicate_is_held_and_never_sent_again_by_itself(self, town):
        town.debit()
        town.sent()
        (ack,) = town.bank.inbound.glob("*-ACK.csv")
        header, file, *_ = ack.read_text().splitlines()
        words = file.split(",")
        words[1], words[-2:] = "REJECTED", ["DUPLICATE_FILE", "seen before"]
        ack.write_text("\n".join([header, ",".join(words), "TRL,1,0,0", ""]))

        town.listen(EVENING)

        assert statuses() == ["HELD"]
        assert cases() == [CaseKind.DUPLICATE, CaseKind.FILE_REJECTED]
        assert town.in_transit() == 0

    @pytest.mark.parametrize("kind", ["sha256", "name", "counts"])
    def test_one_that_names_another_file_is_quarantined(self, town, kind):
        town.debit()
        file = town.sent()
        (ack,) = town.bank.inbound.glob("*-ACK.csv")
        change = {
            "sha256": (file.sha256, "0" * 64),
            "name": (file.name, "ACH-OTHER.ach"),
            "counts": (",PPD,2026-03-03,1,", ",PPD,2026-03-03,2,"),
        }[kind]
        ack.write_text(ack.read_text().replace(*change))

        town.listen(EVENING)

        assert inbound().status == FileStatus.QUARANTINED
        assert statuses() == ["SENT"]
        assert cases() == [CaseKind.FILE_QUARANTINED]

    def test_one_that_comes_before_we_posted_waits(self, town):
        town.debit()
        file = town.sent()
        BankFile.objects.filter(pk=file.pk).update(status=FileStatus.PUBLISHING)

        town.listen(EVENING)
        assert inbound().status == FileStatus.RECEIVED

        BankFile.objects.filter(pk=file.pk).update(status=FileStatus.PUBLISHED)
        apply_received(at=EVENING)
        assert inbound().status == FileStatus.APPLIED
        assert statuses() == ["ACCEPTED"]

    def test_silence_becomes_a_case_that_the_late_answer_closes(self, town):
        town.debit()
        town.sent()
        watch(at=CUT_OFF)
        assert cases() == []

        watch(at=EVENING)
        assert cases() == [CaseKind.NO_ACKNOWLEDGEMENT]

        town.listen(EVENING)
        assert cases() == []


class TestSettlement:
    def test_a_settled_batch_pays_its_charges(self, town):
        town.debit()
        town.sent()

        town.listen(morning(TUESDAY))

        batch, entry, payment = Batch.objects.get(), Entry.objects.get(), Payment.objects.get()
        assert (batch.status, batch.settled_on) == (BatchStatus.SETTLED, TUESDAY)
        assert (entry.status, entry.settled_on) == (EntryStatus.SETTLED, TUESDAY)
        assert (payment.status, payment.first_settled_on) == ("SETTLED", TUESDAY)
        assert town.books() == {"1000": 1000_00, "4000": -1000_00}

    def test_one_never_acknowledged_settles_as_well(self, town):
        town.debit("9930200001")
        town.sent()

        town.listen(morning(TUESDAY))

        assert statuses() == ["SETTLED"]

    def test_other_totals_settle_nothing(self, town):
        town.debit()
        town.sent()
        town.bank.tick(morning(TUESDAY))
        (report,) = town.bank.inbound.glob("*-SETTLEMENT.csv")
        report.write_text(report.read_text().replace("100000", "100001"))

        town.listen(morning(TUESDAY))

        assert statuses() == ["ACCEPTED"]
        assert cases() == [CaseKind.SETTLEMENT_MISMATCH]
        assert town.in_transit() == 1000_00
        assert inbound(kind=FileKind.SETTLEMENT).status == FileStatus.APPLIED

    @pytest.mark.parametrize("damage", [slice(0, 90), slice(0, -1), slice(5, None)])
    def test_a_damaged_report_changes_nothing(self, town, damage):
        town.debit()
        town.sent()
        town.bank.tick(morning(TUESDAY))
        (report,) = town.bank.inbound.glob("*-SETTLEMENT.csv")
        report.write_bytes(report.read_bytes()[damage])

        town.listen(morning(TUESDAY))

        assert statuses() == ["ACCEPTED"]
        assert cases() == [CaseKind.FILE_QUARANTINED]

    def test_a_report_that_comes_twice_settles_once(self, town):
        town.debit()
        town.sent()
        town.listen(morning(TUESDAY))
        (report,) = town.bank.inbound.glob("*-SETTLEMENT.csv")
        put(town, "20260303-1000-000099-SETTLEMENT.csv", report.read_text())

        assert town.listen(morning(TUESDAY)) == []

        assert Arrival.objects.filter(file__kind=FileKind.SETTLEMENT).count() == 2
        assert town.books()["1000"] == 1000_00

    def test_other_bytes_about_a_settled_batch_are_a_case(self, town):
        town.debit()
        town.sent()
        town.listen(morning(TUESDAY))
        (report,) = town.bank.inbound.glob("*-SETTLEMENT.csv")
        put(
            town,
            "20260303-1000-000099-SETTLEMENT.csv",
            report.read_text().replace("13:30", "14:30"),
        )

        town.listen(morning(TUESDAY))

        assert cases() == [CaseKind.SETTLEMENT_MISMATCH]
        assert town.books()["1000"] == 1000_00


class TestReturns:
    def test_after_the_settlement_the_charge_is_open_again(self, town):
        town.debit("9910100001")
        town.sent()
        town.listen(morning(TUESDAY))

        take_back_all(town, WEDNESDAY)
        assert statuses() == ["RETURNED"]
        assert town.books() == {
            "1000": 1000_00,
            "1110": -1000_00,
            "1200": 1000_00,
            "4000": -1000_00,
        }

        town.listen(morning(WEDNESDAY))
        assert town.books() == {"1200": 1000_00, "4000": -1000_00}

    def test_a_charge_read_before_the_return_waits_for_it(self, town):
        town.debit("9910100001")
        town.sent()
        town.listen(morning(WEDNESDAY))
        assert town.books() == {"1000": 1000_00, "4000": -1000_00}

        take_back_all(town, WEDNESDAY)

        assert town.books() == {"1200": 1000_00, "4000": -1000_00}

    def test_before_the_settlement_the_whole_batch_still_settles(self, town):
        town.debit("9911300001")
        town.debit()
        town.sent()
        first = Entry.objects.order_by("pk").first()

        take_back(first, code="R13", on=TUESDAY, at=morning(TUESDAY))
        assert town.books()["1110"] == -1000_00
        town.listen(morning(TUESDAY))

        first.refresh_from_db()
        assert (first.status, first.settled_on) == (EntryStatus.RETURNED, TUESDAY)
        assert statuses() == ["RETURNED", "SETTLED"]
        assert town.books() == {"1000": 1000_00, "1200": 1000_00, "4000": -2000_00}

    def test_an_entry_comes_back_once(self, town):
        town.debit("9910100001")
        town.sent()
        take_back_all(town, TUESDAY)

        with pytest.raises(NotReturnable):
            take_back_all(town, WEDNESDAY)

    def test_a_charge_for_an_entry_we_do_not_know_is_a_case(self, town):
        town.debit("9910100001")
        town.sent()
        town.listen(morning(TUESDAY))
        town.bank.tick(morning(WEDNESDAY))
        report = sorted(town.bank.inbound.glob("*-SETTLEMENT.csv"))[-1]
        trace = Entry.objects.get().trace
        report.write_text(report.read_text().replace(trace, "123456789999999"))

        town.listen(morning(WEDNESDAY))

        assert CaseKind.SETTLEMENT_MISMATCH in cases()
        assert town.books()["1000"] == 1000_00


class TestClearing:
    def read_returns(self, town, *days) -> None:
        """Evidence as package returns and the no-activity notices leave it."""
        for on in days:
            town.listen(morning(on))

    def test_a_payment_clears_when_every_day_of_returns_was_read(self, town):
        town.debit()
        town.sent()
        friday = THURSDAY.replace(day=6)
        self.read_returns(town, TUESDAY, WEDNESDAY, THURSDAY, friday)

        assert clear(on=THURSDAY, at=morning(THURSDAY)) == 0
        assert clear(on=friday, at=morning(friday)) == 1
        assert statuses() == ["CLEARED"]

    def test_a_day_without_the_banks_word_keeps_it_open(self, town):
        town.debit()
        town.sent()
        self.read_returns(town, TUESDAY)
        friday = THURSDAY.replace(day=6)
        town.bank.tick(morning(friday))
        next(town.bank.inbound.glob("20260304-*-NO-RETURNS.csv")).unlink()
        self.read_returns(town, friday)

        assert clear(on=friday, at=morning(friday)) == 0


class TestReceiving:
    @pytest.mark.parametrize("content", ["", "Dear customer, 99001234567 is closed\n"])
    def test_what_nobody_can_read_is_quarantined_without_its_numbers(self, town, content):
        put(town, "20260302-1500-000001-LETTER.txt", content)

        town.listen(AFTERNOON)

        file = inbound()
        assert file.status == FileStatus.QUARANTINED
        assert "99001234567" not in file.masked + file.reason
        assert cases() == [CaseKind.FILE_QUARANTINED]

    def test_returns_are_left_to_be_read_by_their_own_package(self, town):
        town.debit("9910100001")
        town.sent()

        town.listen(morning(WEDNESDAY))

        assert inbound(kind=FileKind.RETURNS).status == FileStatus.RECEIVED

    def test_files_are_fetched_once(self, town):
        put(town, "20260302-1500-000001-LETTER.txt", "hello\n")

        assert len(receive(town.profile, at=AFTERNOON)) == 1
        assert receive(town.profile, at=AFTERNOON) == []

    def test_a_file_still_being_written_is_left_for_later(self, town, monkeypatch):
        put(town, "20260302-1500-000001-LETTER.txt", "hello\n")
        monkeypatch.setattr("housing_ach.bank.sftp.BankConnection.read", lambda *_: b"hel")

        assert receive(town.profile, at=AFTERNOON) == []
        assert not Arrival.objects.exists()


class TestWatching:
    def test_a_draft_past_its_cut_off_is_given_up_and_planned_anew(self, town):
        town.debit()
        town.build()
        watch(at=CUT_OFF)

        assert Batch.objects.get().status == BatchStatus.CANCELLED
        assert statuses() == ["SCHEDULED"]
        assert Payment.objects.get().effective_on == WEDNESDAY
        assert cases() == [CaseKind.CUT_OFF_MISSED]

    def test_a_draft_in_time_is_left_alone(self, town):
        town.debit()
        town.build()

        watch(at=AFTERNOON)

        assert Batch.objects.get().status == BatchStatus.DRAFT
        assert Batch.objects.get().processing_on == MONDAY
