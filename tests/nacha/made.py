"""Small specs with made-up numbers, and files with one thing changed."""

from datetime import date
from pathlib import Path
from typing import Any

from housing_ach.nacha import BatchSpec, EntrySpec, File, FileSpec, read, write

ODFI = "12104288"
FAULTS = Path(__file__).parent / "files" / "faults"
CLEAN = (FAULTS / "00-clean.ach").read_bytes()


def entry(number: int = 1, **changes: Any) -> EntrySpec:
    values = {
        "transaction_code": "27",
        "routing": "021000021",
        "account": f"0001{number:06d}",
        "cents": 120_000 + number,
        "individual_id": f"LEASE-{number}",
        "name": "ALICE TENANT",
        "trace": f"{ODFI}{number:07d}",
    }
    return EntrySpec(**{**values, **changes})


def batch(*rows: EntrySpec, number: int = 1, **changes: Any) -> BatchSpec:
    values = {
        "service_class": "225",
        "company_name": "ACME HOUSING",
        "company_id": "1234567890",
        "sec_code": "PPD",
        "description": "RENT",
        "effective_on": date(2026, 1, 6),
        "odfi": ODFI,
        "entries": rows,
    }
    return BatchSpec(**{**values, "number": number, **changes})


def file(*batches: BatchSpec, **changes: Any) -> FileSpec:
    values = {
        "immediate_destination": "091000019",
        "immediate_origin": "121042882",
        "creation_on": date(2026, 1, 5),
        "creation_time": "0930",
        "destination_name": "FIRST BANK",
        "origin_name": "ACME HOUSING",
    }
    return FileSpec(**{**values, "batches": batches, **changes})


def written(*entries: EntrySpec, **changes: Any) -> bytes:
    return write(file(batch(*entries, **changes)))


def changed(data: bytes, line: int, column: int, text: str) -> bytes:
    """`text` put at a line and column, both from 1, of a file with LF line ends."""
    lines = data.split(b"\n")
    old = lines[line - 1]
    at = column - 1
    lines[line - 1] = old[:at] + text.encode() + old[at + len(text) :]
    return b"\n".join(lines)


def broken(data: bytes) -> set[str]:
    return set(read(data).issues.counts)


def rules(found: File) -> set[str]:
    return set(found.issues.counts)
