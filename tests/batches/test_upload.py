"""What the bank's server and the clock can do to a file on its way."""

import shutil
from datetime import timedelta
from itertools import chain, repeat

import pytest

from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.services import (
    Fenced,
    NotHeld,
    confirm_lost,
    confirm_published,
    recover,
    send,
)
from housing_ach.batches.services.fence import step
from housing_ach.batches.states import BatchStatus, EntryStatus, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.payments.models import Payment
from housing_ach.sandbox.bank.server import connect_profile, running_bank
from tests.bank.failing_server import HangsUpAfterRename, HangsUpWhileWriting, serving
from tests.batches.town import AFTERNOON, CUT_OFF, TUESDAY, WEDNESDAY, Town, statuses


class Died(BaseException):
    """As far as a process can die without taking the test along."""


@pytest.fixture
def die_at(monkeypatch):
    def arrange(point):
        def failpoint(name):
            if name == point:
                raise Died(name)

        monkeypatch.setattr("housing_ach.batches.services.upload.failpoint", failpoint)

    yield arrange
    monkeypatch.undo()


@pytest.fixture
def file(town) -> BankFile:
    town.debit()
    town.debit()
    return town.frozen()


def case() -> Case:
    return Case.objects.open().get()


def on_failing_server(tmp_path, kind):
    return running_bank(tmp_path / "bank", seed=7, served=serving(kind, tmp_path / "bank"))


def test_a_sent_file_is_posted_everywhere(town, file):
    send(file.pk, at=AFTERNOON)

    file.refresh_from_db()
    assert (file.status, file.published_at) == (FileStatus.PUBLISHED, AFTERNOON)
    assert Batch.objects.get().status == BatchStatus.SENT
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.SENT}
    assert statuses() == ["SENT", "SENT"]
    assert town.books() == {"1100": 2000_00, "1200": 2000_00, "2050": -2000_00, "4000": -2000_00}
    assert (town.bank.outbound / file.name).stat().st_size == file.size


def test_sending_again_does_nothing(town, file):
    send(file.pk, at=AFTERNOON)
    before = (town.bank.outbound / file.name).stat().st_mtime_ns

    send(file.pk, at=AFTERNOON)

    assert (town.bank.outbound / file.name).stat().st_mtime_ns == before
    assert town.in_transit() == 2000_00


def test_an_unreachable_bank_is_a_case_until_the_file_is_sent(town, file):
    port = town.profile.port
    town.profile.port = 1
    town.profile.save()
    recover(at=AFTERNOON)
    assert (case().kind, case().subject_id) == (CaseKind.FILE_HELD, str(file.pk))

    town.profile.port = port
    town.profile.save()
    recover(at=AFTERNOON)

    assert not Case.objects.open().exists()
    assert statuses() == ["SENT", "SENT"]


def test_a_changed_host_key_sends_nothing(town, file):
    town.profile.host_key = (
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )
    town.profile.save()

    recover(at=AFTERNOON)

    assert "host key" in case().summary
    assert list(town.bank.outbound.glob("*.ach")) == []


def test_a_missing_folder_is_named(town, file):
    shutil.rmtree(town.bank.outbound / ".tmp")

    recover(at=AFTERNOON)

    assert "folder /outbound/.tmp" in case().summary


@pytest.mark.parametrize("kind", [HangsUpAfterRename, HangsUpWhileWriting])
def test_a_lost_connection_neither_loses_nor_doubles_the_file(db, tmp_path, kind, monkeypatch):
    monkeypatch.setattr("housing_ach.bank.sftp.CHUNK", 256)
    with on_failing_server(tmp_path, kind) as failing:
        town = Town.beside(failing)
        town.debit()
        file = town.frozen()
        recover(at=AFTERNOON)
        file.refresh_from_db()
        assert file.status in {FileStatus.UPLOADING, FileStatus.PUBLISHING}
    with running_bank(tmp_path / "bank", seed=7) as sound:
        connect_profile(town.profile, sound)

        recover(at=AFTERNOON)

    file.refresh_from_db()
    assert file.status == FileStatus.PUBLISHED
    assert len(town.entries_taken()) == Entry.objects.count()


def test_a_connection_that_breaks_while_closing_hides_nothing(town, file, monkeypatch):
    def broken(_):
        raise EOFError

    monkeypatch.setattr("paramiko.SFTPClient.close", broken)
    monkeypatch.setattr("housing_ach.bank.sftp.BankConnection.sha256", lambda *_: "0" * 64)

    recover(at=AFTERNOON)

    assert "sha256" in case().summary


def test_a_copy_that_reads_back_differently_is_not_published(town, file, monkeypatch):
    monkeypatch.setattr("housing_ach.bank.sftp.BankConnection.sha256", lambda *_: "0" * 64)

    recover(at=AFTERNOON)

    assert "sha256" in case().summary
    assert list(town.bank.outbound.glob("*.ach")) == []
    assert BankFile.objects.get().status == FileStatus.UPLOADING


@pytest.mark.parametrize("point", ["", "upload.written", "publish.intended"])
def test_a_file_that_missed_its_cut_off_is_void_and_planned_anew(town, file, die_at, point):
    if point:
        die_at(point)
        with pytest.raises(Died):
            send(file.pk, at=AFTERNOON)

    die_at("")
    recover(at=CUT_OFF)

    file.refresh_from_db()
    assert (file.status, Batch.objects.get().status) == (FileStatus.VOID, BatchStatus.VOID)
    assert statuses() == ["SCHEDULED", "SCHEDULED"]
    assert set(Payment.objects.values_list("effective_on", flat=True)) == {WEDNESDAY}
    assert case().kind == CaseKind.CUT_OFF_MISSED
    assert town.entries_taken() == []
    assert town.in_transit() == 0


def test_a_file_published_before_the_cut_off_is_never_void(town, file, die_at):
    die_at("publish.renamed")
    with pytest.raises(Died):
        send(file.pk, at=AFTERNOON)

    die_at("")
    recover(at=CUT_OFF)

    assert BankFile.objects.get().status == FileStatus.PUBLISHED
    assert statuses() == ["SENT", "SENT"]


def test_an_upload_slower_than_its_window_is_not_published(town, file, monkeypatch):
    passing = chain([0, 60], repeat(7200))
    monkeypatch.setattr("housing_ach.batches.services.upload.monotonic", lambda: next(passing))

    send(file.pk, at=CUT_OFF - timedelta(hours=1))

    assert BankFile.objects.get().status == FileStatus.VOID
    assert list(town.bank.outbound.glob("*.ach")) == []


def test_void_payments_go_with_new_traces(town, file):
    recover(at=CUT_OFF)
    old = set(Entry.objects.values_list("trace", flat=True))
    Payment.objects.update(effective_on=TUESDAY)

    town.frozen()

    new = set(Entry.objects.filter(status=EntryStatus.FROZEN).values_list("trace", flat=True))
    assert len(new) == 2
    assert not new & old


class TestAServerThatCannotRename:
    @pytest.fixture
    def held(self, town, file, die_at) -> BankFile:
        town.profile.can_rename = False
        town.profile.save()
        die_at("publish.intended")
        with pytest.raises(Died):
            send(file.pk, at=AFTERNOON)
        die_at("")
        recover(at=AFTERNOON)
        file.refresh_from_db()
        return file

    def test_it_is_written_in_place(self, town, file):
        town.profile.can_rename = False
        town.profile.save()

        send(file.pk, at=AFTERNOON)

        assert BankFile.objects.get().status == FileStatus.PUBLISHED
        assert len(town.entries_taken()) == 2

    def test_in_doubt_the_file_is_held_and_never_sent_again(self, town, held):
        recover(at=AFTERNOON)

        held.refresh_from_db()
        assert held.status == FileStatus.HELD
        assert case().kind == CaseKind.FILE_HELD
        assert town.entries_taken() == []

    def test_a_person_may_say_that_the_bank_has_it(self, held):
        confirm_published(held, at=AFTERNOON)

        assert statuses() == ["SENT", "SENT"]
        assert not Case.objects.open().exists()

    def test_a_person_may_say_that_the_bank_never_had_it(self, town, held):
        confirm_lost(held, at=AFTERNOON)

        assert statuses() == ["SCHEDULED", "SCHEDULED"]
        assert town.in_transit() == 0

    def test_only_a_held_file_waits_for_a_word(self, file):
        with pytest.raises(NotHeld):
            confirm_lost(file, at=AFTERNOON)


def test_an_attempt_that_was_overtaken_is_fenced_even_in_the_same_status(file):
    step(file, FileStatus.UPLOADING, attempt=1)
    overtaken = BankFile.objects.get(pk=file.pk)
    step(file, FileStatus.UPLOADING, attempt=2)

    with pytest.raises(Fenced):
        step(overtaken, FileStatus.PUBLISHING)
