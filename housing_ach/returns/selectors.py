"""Which entry a return or correction speaks about. Nothing weaker than this ever posts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from housing_ach.batches.models import Entry
from housing_ach.batches.states import PUBLISHED_ENTRY, EntryStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.returns.models import Return
from housing_ach.returns.states import ReturnKind
from housing_ach.shared.money import dollars

MATCH_DAYS = timedelta(days=400)
TRACE_WIDTH = 15
# A frozen entry is in a file that may be at the bank already, whatever our books know.
CAN_COME_BACK = (EntryStatus.FROZEN, *PUBLISHED_ENTRY)
TAKEN_BACK = (EntryStatus.RETURNED, EntryStatus.DISHONORED, EntryStatus.CONTESTED)
RETURN = Return._meta.label_lower


@dataclass(frozen=True)
class Candidates:
    """Entries of the last 400 days by the traces somebody names."""

    by_trace: dict[str, list[Entry]] = field(default_factory=dict)

    @classmethod
    def of(cls, traces: Iterable[str], *, on: date) -> "Candidates":
        entries = (
            Entry.objects.filter(
                trace__in={whole(trace) for trace in traces},
                status__in=CAN_COME_BACK,
                batch__effective_on__gte=on - MATCH_DAYS,
            )
            .select_related("account_version", "payment", "batch")
            .order_by("pk")
        )
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            found[entry.trace].append(entry)
        return cls(dict(found))

    def match(self, trace: str, *, rdfi: str, cents: int | None = None) -> tuple[Entry | None, str]:
        """The one entry with this trace, bank and amount, or why there is none.

        `cents` is None for a correction, which names no amount.
        """
        named = self.by_trace.get(whole(trace), [])
        if not named:
            return None, "names an entry that was never sent"
        of_bank = [entry for entry in named if entry.account_version.routing[:8] == rdfi]
        if not of_bank:
            return None, f"names the receiving bank {rdfi}, which is not the entry's"
        fitting = [entry for entry in of_bank if cents in (None, entry.cents)]
        if not fitting:
            sent = of_bank[0].cents
            return None, f"is over {dollars(cents or 0)}, the entry was over {dollars(sent)}"
        if len(fitting) > 1:
            return None, "fits more than one entry"
        return fitting[0], ""


def whole(trace: str) -> str:
    """Some banks drop the leading zeros of a trace number."""
    return trace.strip().zfill(TRACE_WIDTH)


def returned_before(entries: Sequence[Entry], kind: str) -> set[int]:
    """Entries for which a return of this kind is on record."""
    return set(
        Return.objects.filter(entry__in=entries, kind=kind).values_list("entry_id", flat=True)
    )


def waiting() -> QuerySet[Return]:
    """Returns whose entry is not taken back yet: the file just read, and those that came early."""
    told = Case.objects.filter(
        kind=CaseKind.UNMATCHED_RETURN,
        subject=RETURN,
        subject_id=Cast(OuterRef("pk"), CharField()),
    )
    return (
        Return.objects.filter(kind=ReturnKind.RETURN, entry__isnull=False)
        .exclude(entry__status__in=TAKEN_BACK)
        .exclude(Exists(told))
        .select_related("entry__payment", "file")
        .order_by("pk")
    )
