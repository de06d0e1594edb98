"""paramiko here, asyncssh there: two implementations meet over a real socket."""

import hashlib
import os
import socket
from contextlib import contextmanager
from dataclasses import replace

import asyncssh
import pytest

from housing_ach.bank.sftp import (
    BankConnection,
    BankDiskFull,
    BankFileMissing,
    BankLoginRefused,
    BankRefused,
    BankUnreachable,
    ClientKeyUnusable,
    Door,
    FolderMissing,
    HostKeyChanged,
)
from housing_ach.sandbox.bank.server import running_bank
from housing_ach.shared.problems import Refusal
from tests.bank import failing_server
from tests.bank.failing_server import serving

TEMPORARY = "/outbound/.tmp/a.1"
DATA = b"a record\n" * 10_000


def door_of(running) -> Door:
    return Door(
        host=running.host,
        port=running.port,
        username=running.username,
        host_key=running.host_key_line,
        client_key_pem=running.client_key_pem,
    )


@pytest.fixture
def running(tmp_path):
    with running_bank(tmp_path, seed=7) as bank:
        yield bank


@pytest.fixture
def door(running):
    return door_of(running)


@pytest.fixture
def connection(door):
    with BankConnection(door) as bank:
        yield bank


@contextmanager
def connected_to(kind, folder):
    with (
        running_bank(folder, 7, served=serving(kind, folder)) as bank,
        BankConnection(door_of(bank)) as connection,
    ):
        yield connection


def test_what_was_put_is_read_back_whole(connection):
    connection.put(TEMPORARY, DATA)

    assert connection.read(TEMPORARY) == DATA
    assert connection.sha256(TEMPORARY) == hashlib.sha256(DATA).hexdigest()
    assert connection.size(TEMPORARY) == len(DATA)


def test_putting_again_replaces_what_a_broken_attempt_left(connection):
    connection.put(TEMPORARY, DATA)
    connection.put(TEMPORARY, b"short")

    assert connection.read(TEMPORARY) == b"short"


def test_a_rename_publishes_under_the_final_name(connection, running):
    connection.put(TEMPORARY, DATA)
    connection.rename(TEMPORARY, "/outbound/a.ach")

    assert not connection.exists(TEMPORARY)
    assert (running.bank.outbound / "a.ach").read_bytes() == DATA


def test_a_retraction_can_be_repeated_and_proves_that_nothing_was_published(connection):
    connection.put(TEMPORARY, DATA)

    assert connection.retract(TEMPORARY, f"{TEMPORARY}.void")
    assert connection.retract(TEMPORARY, f"{TEMPORARY}.void")


def test_what_was_published_cannot_be_retracted(connection):
    connection.put(TEMPORARY, DATA)
    connection.rename(TEMPORARY, "/outbound/a.ach")

    assert not connection.retract(TEMPORARY, f"{TEMPORARY}.void")


def test_a_listing_leaves_out_what_is_still_written(connection, running):
    for name in ("b.csv", "a.csv", ".hidden", "c.csv.part", "d.tmp"):
        (running.bank.inbound / name).write_bytes(b"12345")
    os.utime(running.bank.inbound / "a.csv", (1000, 1000))

    found = connection.list("/inbound")

    assert [(item.name, item.size) for item in found] == [("a.csv", 5), ("b.csv", 5)]
    assert found[0].mtime == 1000


def test_a_removed_file_is_gone(connection, running):
    (running.bank.inbound / "a.csv").write_bytes(b"1")

    connection.remove("/inbound/a.csv")

    assert connection.list("/inbound") == []


@pytest.mark.parametrize("path", ["{folder}/host_key", "/../host_key", "../host_key"])
def test_nothing_outside_the_banks_folder_can_be_reached(connection, running, path):
    assert (running.bank.folder / "host_key").exists()

    with pytest.raises((BankFileMissing, FolderMissing)):
        connection.read(path.format(folder=running.bank.folder))


def test_another_host_key_is_refused_before_anything_is_sent(door):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()

    with pytest.raises(HostKeyChanged, match=r"shows SHA256:\S+, pinned is SHA256:\S+\. Nothing"):
        BankConnection(replace(door, host_key=other)).__enter__()


def test_a_host_key_of_another_kind_is_refused(door):
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()

    with pytest.raises(HostKeyChanged, match="has no ecdsa-sha2-nistp256 key"):
        BankConnection(replace(door, host_key=other)).__enter__()


def test_a_pinned_key_that_is_none_is_named(door):
    with pytest.raises(Refusal, match="host key: is not a public key line"):
        BankConnection(replace(door, host_key="not known yet")).__enter__()


def test_a_key_the_bank_does_not_know_is_refused(door):
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key()

    with pytest.raises(BankLoginRefused, match="does not accept the key of housing"):
        BankConnection(replace(door, client_key_pem=stranger)).__enter__()


def test_a_private_key_that_is_none_is_never_shown(door):
    with pytest.raises(ClientKeyUnusable) as refused:
        BankConnection(replace(door, client_key_pem=b"hunter2")).__enter__()

    assert "hunter2" not in str(refused.value) + repr(door)


def test_a_bank_that_does_not_answer_is_unreachable(door):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = replace(door, port=taken.getsockname()[1])

        with pytest.raises(BankUnreachable, match=f"127.0.0.1:{closed.port}: could not connect"):
            BankConnection(closed).__enter__()


def test_a_host_that_speaks_something_else_is_unreachable(door):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = replace(door, port=mute.getsockname()[1], timeout_seconds=0.2)

        with pytest.raises(BankUnreachable):
            BankConnection(silent).__enter__()


@pytest.mark.parametrize("folder", ["/outbound/.tmp", "/inbound"])
def test_a_missing_folder_is_named(connection, running, folder):
    (running.bank.files / folder[1:]).rmdir()

    with pytest.raises(FolderMissing, match=f"folder {folder}: does not exist") as refused:
        connection.put(f"{folder}/a.1", DATA)
    assert refused.value.folder == folder
    with pytest.raises(FolderMissing):
        connection.list(folder)


def test_a_rename_into_a_missing_folder_names_it(connection):
    connection.put(TEMPORARY, DATA)

    with pytest.raises(FolderMissing, match="folder /nowhere:"):
        connection.rename(TEMPORARY, "/nowhere/a.ach")


def test_folders_are_required_by_name(connection):
    connection.require_folders("/outbound", "/inbound")

    with pytest.raises(FolderMissing, match="folder /nowhere:"):
        connection.require_folders("/outbound", "/nowhere")


def test_a_missing_file_is_not_a_missing_folder(connection):
    with pytest.raises(BankFileMissing, match=r"file /inbound/a\.csv: is not on the bank's server"):
        connection.read("/inbound/a.csv")


@pytest.mark.parametrize("kind", [failing_server.FullDisk, failing_server.SilentlyFullDisk])
def test_a_full_disk_is_told_and_not_taken_for_success(tmp_path, kind):
    with (
        connected_to(kind, tmp_path) as connection,
        pytest.raises(BankDiskFull, match="disk is pro"),
    ):
        connection.put(TEMPORARY, DATA)


def test_another_refusal_of_the_server_is_passed_on_in_its_words(tmp_path):
    (tmp_path / "files/inbound").mkdir(parents=True)
    (tmp_path / "files/inbound/a.csv").touch()

    with (
        connected_to(failing_server.Grumpy, tmp_path) as connection,
        pytest.raises(BankRefused, match="did not remove it"),
    ):
        connection.remove("/inbound/a.csv")


def test_a_lost_answer_is_an_unknown_outcome_that_the_next_session_resolves(tmp_path):
    kind = failing_server.HangsUpAfterRename
    with running_bank(tmp_path, 7, served=serving(kind, tmp_path)) as bank:
        with BankConnection(door_of(bank)) as connection:
            connection.put(TEMPORARY, DATA)
            with pytest.raises(BankUnreachable):
                connection.rename(TEMPORARY, "/outbound/a.ach")

        with BankConnection(door_of(bank)) as connection:
            assert not connection.retract(TEMPORARY, f"{TEMPORARY}.void")


def test_a_connection_cut_while_writing_is_told(tmp_path):
    with (
        connected_to(failing_server.HangsUpWhileWriting, tmp_path) as connection,
        pytest.raises(BankUnreachable),
    ):
        connection.put(TEMPORARY, DATA)
