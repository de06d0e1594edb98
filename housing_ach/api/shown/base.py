"""How things look to a program: integer cents, ISO dates, UTC instants, ids as text."""

from datetime import date, datetime


def instant(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def day(on: date | None) -> str | None:
    return on.isoformat() if on else None
