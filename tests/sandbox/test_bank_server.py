"""The bank as a process and over its wire, the way the product meets it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from housing_ach import nacha
from housing_ach.bank.services import open_bank
from housing_ach.clock import services as clock
from housing_ach.sandbox.bank import magic
from housing_ach.sandbox.bank.bank import AnsweringBank, begun_seed
from housing_ach.sandbox.bank.server import connect_profile, endpoint, running_bank
from tests.factories import BankProfileFactory
from tests.sandbox.letterbox import names
from tests.sandbox.payment_file import SENT_AT, SETTLING, Line, made_batch, made_file
from tests.sandbox.test_bank_days import busy

PATIENCE_SECONDS = 60


@pytest.mark.django_db
def test_what_goes_up_over_sftp_is_answered_over_sftp(tmp_path):
    profile = BankProfileFactory()
    with running_bank(tmp_path, seed=7) as running:
        connect_profile(profile, running)
        with open_bank(profile) as bank:
            bank.put(f"{profile.temp_folder}/a.1", made_file(made_batch(SETTLING)))
            bank.rename(f"{profile.temp_folder}/a.1", f"{profile.outbound_folder}/a.ach")
            running.bank.tick(SENT_AT)
            assert not bank.exists(f"{profile.outbound_folder}/a.ach")

            (letter,) = bank.list(profile.inbound_folder)
            told = bank.read(f"{profile.inbound_folder}/{letter.name}")

    assert letter.mtime == int(SENT_AT.timestamp())
    assert b"FILE,ACCEPTED,a.ach," in told


def test_keys_stay_with_the_folder(tmp_path):
    with running_bank(tmp_path, seed=7) as first:
        host_key, client_key = first.host_key_line, first.client_key_pem

    with running_bank(tmp_path, seed=7) as second:
        assert (second.host_key_line, second.client_key_pem) == (host_key, client_key)
    assert (tmp_path / "client_key").stat().st_mode & 0o077 == 0


def test_a_taken_port_is_told(tmp_path):
    with running_bank(tmp_path / "a", seed=7) as running:
        second = running_bank(tmp_path / "b", seed=7, port=running.port)
        with pytest.raises(OSError, match="address already in use"):
            second.__enter__()


def test_the_product_reads_the_banks_nacha_files_without_an_error(tmp_path):
    bank = AnsweringBank(tmp_path, seed=7)
    busy(bank)
    bank.tick(SENT_AT + timedelta(days=60))
    whole = [name for name in names(bank, ".ach") if "20261118-0800-000005" not in name]

    errors = {
        name: [issue.message for issue in nacha.read((bank.inbound / name).read_bytes()).issues]
        for name in whole
    }

    told = {message for messages in errors.values() for message in messages}
    assert len(whole) == 6
    assert {message.split(":")[0] for message in told} == {
        "immediate destination is not a valid routing number",
        "corrected data cannot be read",
        "return code is not known",
    }


def test_the_bank_reads_credits_of_every_kind(tmp_path):
    bank = AnsweringBank(tmp_path, seed=7)
    lines = [Line(code=code, account=magic.return_account("R03")) for code in ("22", "32", "42")]
    (bank.outbound / "a.ach").write_bytes(made_file(made_batch(*lines)))

    bank.tick(SENT_AT)
    bank.tick(SENT_AT + timedelta(days=5))

    (name,) = names(bank, "-RETURNS.ach")
    read = nacha.read((bank.inbound / name).read_bytes())
    assert [entry.transaction_code for entry in read.batches[0].entries] == ["21", "31", "41"]


@override_settings(LIVE_MODE=True)
def test_live_mode_has_no_sandbox_bank():
    with pytest.raises(CommandError, match="live mode has no sandbox bank"):
        call_command("sandbox_bank")


def wait_for(done) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_process_connects_answers_by_the_products_clock_and_ends_when_told(
    committed_db, tmp_path
):
    profile, real = BankProfileFactory(), BankProfileFactory(is_sandbox=False, port=22)
    clock.advance(SENT_AT + timedelta(days=365))
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox_bank", "--folder", tmp_path, "--every", "0.05"],
        cwd=settings.BASE_DIR,
        env=os.environ | committed_db.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: process.poll() is not None or (tmp_path / "reached").exists())
        clock.advance(7)
        wait_for(lambda: any((tmp_path / "files/inbound").glob("*NO-RETURNS*")))
        profile.refresh_from_db()
        door = endpoint(tmp_path, profile.port)
        assert (profile.host_key, profile.username) == (door.host_key_line, door.username)
        with open_bank(profile) as bank:
            assert bank.list(profile.inbound_folder)
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)

    real.refresh_from_db()
    assert process.returncode == 0
    assert (real.port, real.client_key) == (22, None)
    assert said.startswith(f"sandbox bank ready on 127.0.0.1:{profile.port}")
    assert begun_seed(tmp_path) == 7
