"""When a certificate ends, and whether it is time to act."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from housing_ach.users.models import Client
from housing_ach.vault.lines import OwnLine

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Ending:
    """`ends_at` is unknown of certificates registered by thumbprint alone."""

    ends_at: datetime | None
    at: datetime

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= self.at

    @property
    def is_soon(self) -> bool:
        return self.ends_at is not None and self.at < self.ends_at <= self.at + SOON

    @property
    def days(self) -> int:
        """Whole days left, at least 1 while it is good."""
        return -((self.at - self.ends_at) // timedelta(days=1)) if self.ends_at else 0


def endings_of(client: Client, *, at: datetime) -> dict[str, Ending]:
    """By thumbprint."""
    ends = {name: client.certificate_ends.get(name, "") for name in client.thumbprints}
    return {
        name: Ending(datetime.fromisoformat(end) if end else None, at) for name, end in ends.items()
    }


def ending_lines(row: OwnLine, *, at: datetime) -> dict[str, Ending | None]:
    """Of our own certificate there, and of the first authority to end; None where there is none."""
    return {
        "identity": Ending(row.identity_ends_at, at) if row.identity else None,
        "authorities": Ending(row.authorities_end_at, at) if row.authorities else None,
    }
