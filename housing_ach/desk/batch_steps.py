"""How far a batch is: its steps from built to settled, and how many entries have taken the last one."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import BigIntegerField, Count, Sum
from django.db.models.functions import Cast, Substr
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from housing_ach.batches.models import Batch
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.desk.templatetags.money import batch_words, newyork

# Nacha: the entry hash is the sum of the receiving banks' numbers, of which ten digits are kept.
HASH_DIGITS = 10
ENDED = (BatchStatus.CANCELLED, BatchStatus.VOID, BatchStatus.REJECTED)
BACK = {EntryStatus.RETURNED, EntryStatus.DISHONORED, EntryStatus.CONTESTED}
GOALS: Mapping[str, tuple[Promise, frozenset[str]]] = {
    BatchStatus.FROZEN: (later("Sent to the bank"), frozenset({EntryStatus.SENT})),
    BatchStatus.SENT: (
        later("Accepted by the bank"),
        frozenset({EntryStatus.ACCEPTED, EntryStatus.SETTLED, *BACK}),
    ),
    BatchStatus.ACCEPTED: (later("Settled"), frozenset({EntryStatus.SETTLED, *BACK})),
    BatchStatus.SETTLED: (later("Settled and kept"), frozenset({EntryStatus.SETTLED})),
}


class Step(NamedTuple):
    """`who` and `at` are empty while it did not happen; `tone` and `icon` say how it went."""

    words: str
    who: str
    at: str
    tone: str
    icon: str
    is_current: bool

    @property
    def happened(self) -> bool:
        return bool(self.at)


class Progress(NamedTuple):
    """Of all entries in the batch, those that have taken the step the batch is at."""

    words: str | Promise
    done: int
    all: int
    came_back: int


def progress(shown: Batch) -> Progress | None:
    """None where no entry is on its way."""
    goal = GOALS.get(shown.status)
    if goal is None:
        return None
    counts = dict(shown.entries.values_list("status").annotate(count=Count("pk")).order_by())
    words, reached = goal
    return Progress(
        words,
        sum(counts.get(status, 0) for status in reached),
        sum(counts.values()) - counts.get(EntryStatus.EJECTED, 0),
        sum(counts.get(status, 0) for status in BACK),
    )


def entry_hash(shown: Batch) -> str:
    kept = shown.entries.exclude(status=EntryStatus.EJECTED)
    bank = Cast(Substr("account_version__routing", 1, 8), BigIntegerField())
    total = kept.aggregate(sum=Sum(bank, default=0))["sum"]
    return f"{total:0{HASH_DIGITS}}"[-HASH_DIGITS:]


def steps(shown: Batch) -> list[Step]:
    """From built to settled; what ended it early takes the place of what never happened."""
    file = shown.file
    bank = shown.company.profile.name if file else ""
    facts = [
        (_("Built"), shown.made_by.name, shown.made_at),
        (_("Approved"), shown.approved_by.name if shown.approved_by else "", shown.approved_at),
        (_("Sent to bank"), _("the system"), file.published_at if file else None),
        (_("Accepted by the bank"), bank, _answered(shown)),
        (_("Settled"), bank, shown.settled_on),
    ]
    ended = shown.status in ENDED
    found, waiting = [], not ended
    for words, who, at in facts:
        if at:
            when = newyork(at) if isinstance(at, datetime) else f"{at:%b} {at.day}, {at.year}"
            found.append(Step(words, who, when, "is-ok", "check", is_current=False))
        elif not ended:
            found.append(Step(words, "", "", "is-flat", "ellipsis-horizontal", waiting))
            waiting = False
    if ended:
        words = batch_words(shown.status)
        found.append(Step(words, "", "", "is-bad", "no-symbol", is_current=True))
    return found


def _answered(shown: Batch) -> datetime | None:
    taken = shown.status in {BatchStatus.ACCEPTED, BatchStatus.SETTLED}
    return shown.file.acknowledged_at if shown.file and taken else None
