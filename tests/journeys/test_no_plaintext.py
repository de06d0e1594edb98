"""A month with everything that carries account numbers, and then a search for each of them.

The month is worked by a real worker behind a real broker; the bank's own folder is the bank's. Numbers
have nine digits and more, so that none stands anywhere by chance.
"""

import logging
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from housing_ach.batches.models import BankFile
from housing_ach.batches.states import FileStatus
from housing_ach.clock.services import now
from housing_ach.desk.roles import give_role
from housing_ach.mandates.models import BankAccount, BankAccountVersion
from housing_ach.mandates.selectors import open_numbers
from housing_ach.mandates.services import (
    add_bank_account,
    close_account,
    correct_account,
    sign_mandate,
)
from housing_ach.mandates.states import AccountType, Channel
from housing_ach.payments.services import send_prenote
from housing_ach.returns.models import Correction, Return
from housing_ach.sandbox.drivers import ThroughWorker, turn_is_over
from housing_ach.sandbox.month import People, live_through
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.states import Role
from housing_ach.users.services import system_user
from tests.conftest import Database
from tests.desk.signing_in import verified
from tests.factories import LeaseFactory, UserFactory, primary_tenant
from tests.journeys import places
from tests.journeys.story import Story, beginning

START, RENT_DAY, DAYS = date(2026, 3, 26), date(2026, 4, 1), 12
GARBLED_ON = date(2026, 4, 2)
STILL_LISTENING = "the last word of the test's own log"
ROOT = Path(__file__).parents[2]
# The sandbox bank's test accounts (docs/bank-files.md), each with a tail of its own.
PAYERS = {
    "settles": "99006482157309",
    "draws": "582146973051",
    "bounces once": "99410173520648",
    "is returned as closed": "9910264185937",
    "has a new number, C01": "99201638275914",
    "has moved, C03": "99203574918262",
    "has a new number and type, C06": "99206817364529",
    "has moved and a new type, C07": "99207352968143",
    "is corrected unreadably": "99305261849573",
}
PRENOTED = {"settles": "99004739182658", "is corrected": "99201846395271"}
CODES = {"R01", "R02", "C01", "C02", "C03", "C06", "C07"}
NEVER_TAKEN = "73928461520"


@dataclass
class Lived:
    """What was found where, and the numbers that must be in none of it."""

    numbers: dict[str, set[bytes]]
    places: dict[str, bytes]


class Beside(ThroughWorker):
    """The real worker does the work; the bank is ticked from here."""

    def bank_reaches(self, at):
        self.bank.tick(at)


@pytest.fixture
def lived(committed_db, tmp_path) -> Lived:
    return _live(committed_db, tmp_path)


def _live(database: Database, folder: Path) -> Lived:
    broker: set[bytes] = set()
    with (
        beginning(folder / "bank") as bank,
        places.logged() as log,
        _worker(database, folder / "worker.log"),
        _watched(broker),
    ):
        story = Story(bank, START)
        _move_in(story)
        _month(story)
        refusals = _refusals(BankAccount.objects.order_by("pk")[0])
        numbers = _numbers()
        pages = _seen_by_the_auditor(database)
        logging.getLogger(__name__).debug(STILL_LISTENING)
        codes = set(Return.objects.values_list("code", flat=True))
        codes |= set(Correction.objects.values_list("code", flat=True))
        quarantined = BankFile.objects.filter(status=FileStatus.QUARANTINED).count()
    assert (codes, quarantined) == (CODES, 2)
    return Lived(
        numbers,
        {
            "the database": _dump(database),
            "the broker": b"\n".join(broker),
            "the logs": log.getvalue().encode() + (folder / "worker.log").read_bytes(),
            "the stored files": places.stored_text(Path(settings.VAR_DIR)),
            "the anchors": (folder / "anchors.log").read_bytes(),
            "the pages": pages,
            "the refusals": refusals,
        },
    )


def _dump(database: Database) -> bytes:
    found = places.tables(database)
    return b"\n".join(name.encode() + b"\n" + rows for name, rows in found.items())


@contextmanager
def _worker(database: Database, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "housing_ach.celery", "worker"]
    command += ["--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "DEBUG"]
    told = {"LOG_LEVEL": "DEBUG"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=database.environment() | told, stdout=output, stderr=output
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def _watched(broker: set[bytes]) -> Iterator[None]:
    """Whoever waits for the worker looks into the broker meanwhile."""
    with places.broker(settings.REDIS_URL) as contents, pytest.MonkeyPatch.context() as patch:

        def look(ticket: str) -> bool:
            broker.update(contents())
            return turn_is_over(ticket)

        patch.setattr("housing_ach.sandbox.drivers.turn_is_over", look)
        yield


def _move_in(story: Story) -> None:
    for number in PAYERS.values():
        story.autopayer(number, rent_cents=1000_00, first_rent_on=RENT_DAY)
    for number in PRENOTED.values():
        lease = LeaseFactory(unit__property=story.home)
        tenant = primary_tenant(lease)
        account = _add(tenant, number)
        mandate = sign_mandate(
            tenant=tenant,
            lease=lease,
            bank_account=account,
            channel=Channel.PAPER,
            min_cents=1,
            max_cents=5000_00,
            signed_name=tenant.name,
            at=now(),
        )
        send_prenote(mandate=mandate, by=system_user(), at=now())


def _add(tenant, number: str, **changed: str) -> BankAccount:
    terms = {"holder_name": tenant.name, "routing": "111000025", "account_number": number}
    terms |= {"account_type": AccountType.CHECKING} | changed
    return add_bank_account(tenant=tenant, at=now(), **terms)


def _month(story: Story) -> None:
    people = People([], UserFactory(is_staff=True), story.checker)
    for on in live_through(Beside(story.bank.bank), people, start=START, days=DAYS):
        if on == GARBLED_ON:
            _send_garbage(story)


def _send_garbage(story: Story) -> None:
    """The bank sends our own file back, cut short, and a letter."""
    ours = max(story.bank.bank.taken.iterdir(), key=lambda path: path.stat().st_size)
    inbound = story.bank.bank.inbound
    (inbound / "ECHO.ach").write_bytes(ours.read_bytes()[:-300])
    number = PAYERS["settles"]
    letter = f"account {number}, also written {number[:4]} {number[4:8]} {number[8:]}, is closed"
    (inbound / "LETTER.txt").write_text(letter)


def _refusals(account: BankAccount) -> bytes:
    """What is told to whoever mistypes: the wrong field, twice the same, too long, too late."""
    tenant, number = account.tenant, PAYERS["settles"]
    shut = _add(tenant, NEVER_TAKEN)
    close_account(shut, "asked for")
    tries = (
        lambda: _add(tenant, number),
        lambda: _add(tenant, number, routing=number),
        lambda: _add(tenant, NEVER_TAKEN, routing=NEVER_TAKEN),
        lambda: _add(tenant, "1234", routing=NEVER_TAKEN[:9]),
        lambda: _add(tenant, number, account_type=number),
        lambda: _add(tenant, number, holder_name=" "),
        lambda: _add(tenant, f"{number}-{number}"),
        lambda: _add(tenant, f"{NEVER_TAKEN}?"),
        lambda: correct_account(shut, account_number=number, reason="asked", at=now()),
        lambda: correct_account(account, routing=NEVER_TAKEN[:9], reason="asked", at=now()),
    )
    told = [_told(attempt) for attempt in tries]
    return "\n".join(filter(None, told)).encode()


def _told(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Refusal as refusal:
        return "".join(traceback.format_exception(refusal)) + repr(refusal)
    return ""


def _numbers() -> dict[str, set[bytes]]:
    """Every number ever in force, with those the bank made of them, as the vault opens them."""
    versions = BankAccountVersion.objects.values_list("pk", flat=True)
    found = set(open_numbers(list(versions)).values())
    assert found > {*PAYERS.values(), *PRENOTED.values(), NEVER_TAKEN}
    return {number[-4:]: places.forms(number) for number in found}


def _seen_by_the_auditor(database: Database) -> bytes:
    auditor = UserFactory(is_staff=True)
    give_role(auditor, Role.AUDITOR)
    browser = verified(auditor)
    with override_settings(VAULT_MONEY_PRIVATE=False), database.acting_as("app"):
        return places.pages_text(browser)


# What must be found there, or the search looked at nothing.
SIGNS = {
    "the database": [b"mandates_bankaccountversion", b"QUARANTINED", b"vault_secret", b"C06"],
    "the broker": [b"housing_ach.sandbox.tasks.turn"],
    "the logs": [b"housing_ach.sandbox.tasks.turn", b"succeeded", STILL_LISTENING.encode()],
    "the stored files": [b"valkey.log", b"secret_key"],
    "the anchors": [b"\n"],
    "the pages": [b"C06", b"QUARANTINED", b"ECHO.ach", b"LETTER.txt", b"Quarantined"],
    "the refusals": [b"AccountKnown", b"BadRouting", b"BadAccountNumber"],
}


def test_no_account_number_is_left_lying_anywhere(lived: Lived):
    unlooked = {
        place: sign
        for place, signs in SIGNS.items()
        for sign in signs
        if sign not in lived.places[place]
    }
    assert not unlooked

    left = {
        place: last_four
        for place, searched in lived.places.items()
        for last_four, written in lived.numbers.items()
        if _any(written, searched)
    }
    assert not left


def _any(written: set[bytes], searched: bytes) -> bool:
    return any(form in searched for form in written)
