"""The bank's folders as a test sees them, without SFTP between."""

from datetime import date, datetime, time
from pathlib import Path

from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.shared.business_days import new_york_at

Rows = list[list[str]]


def send(bank: AnsweringBank, body: bytes, *, name: str = "ACH-1.ach") -> None:
    (bank.outbound / name).write_bytes(body)


def names(bank: AnsweringBank, kind: str = "") -> list[str]:
    return sorted(path.name for path in bank.inbound.iterdir() if kind in path.name)


def rows(path: Path) -> Rows:
    return [line.split(",") for line in path.read_text().splitlines()]


def only(bank: AnsweringBank, kind: str) -> Path:
    (name,) = names(bank, kind)
    return bank.inbound / name


def records(path: Path, kind: str) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.startswith(kind)]


def evening(on: date) -> datetime:
    return new_york_at(on, time(18))


def returns_by_date(bank: AnsweringBank, kind: str = "RETURNS.ach") -> list[tuple[str, str, str]]:
    """(YYYYMMDD, code, original trace) of every addenda."""
    return [
        (name[:8], line[3:6], line[6:21])
        for name in names(bank, kind)
        for line in records(bank.inbound / name, "7")
    ]
