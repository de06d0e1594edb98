from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from housing_ach.bank.models import Window
from housing_ach.bank.selectors import FREEZE_AHEAD, Slot, cut_off
from housing_ach.batches.models import BankFile
from housing_ach.batches.states import FileStatus
from housing_ach.shared.business_days import is_banking_day, new_york_at, new_york_date

UNFINISHED = (FileStatus.FROZEN, FileStatus.UPLOADING, FileStatus.PUBLISHING)
# People approve in the afternoon; a window that closes early is built three hours before.
BUILD_FROM = time(12, 0)
BUILD_AHEAD = timedelta(hours=3)


class Content(NamedTuple):
    """What a batch moves (entries kept) and the sum of what was approved (kept and ejected)."""

    entry_count: int
    cents: int
    sha: str


CONTENTS = """
    SELECT b.id,
        count(e.id) FILTER (WHERE e.status <> 'EJECTED'),
        coalesce(sum(e.cents) FILTER (WHERE e.status <> 'EJECTED'), 0)::bigint,
        encode(sha256(convert_to(
            concat_ws('|', c.company_id, b.sec_code, b.direction, b.description,
                to_char(b.requested_on, 'YYYY-MM-DD'), to_char(b.effective_on, 'YYYY-MM-DD'))
            || coalesce(string_agg(E'\\n' || concat_ws('|', e.id, e.payment_id, e.cents,
                e.account_version_id), '' ORDER BY e.id), ''), 'UTF8')), 'hex')
    FROM batches_batch b
    JOIN bank_company c ON c.id = b.company_id
    LEFT JOIN batches_entry e ON e.batch_id = b.id
    WHERE b.id = ANY(%s)
    GROUP BY b.id, c.company_id
"""


def contents(batch_ids: Sequence[int]) -> dict[int, Content]:
    """By batch; the sha covers its terms and every entry's (id, payment, cents, account version)."""
    with connection.cursor() as cursor:
        cursor.execute(CONTENTS, [list(batch_ids)])
        return {pk: Content(*content) for pk, *content in cursor.fetchall()}


def unfinished_files() -> QuerySet[BankFile]:
    """Files on their way to the bank, oldest first."""
    return BankFile.objects.filter(status__in=UNFINISHED).order_by("pk")


def slots_to_build(at: datetime) -> list[Slot]:
    """Windows of this banking day still open for which drafts are made by now, first to close first."""
    return [slot for slot in _open_slots(at) if at >= built_at(slot)]


def slots_to_freeze(at: datetime) -> list[Slot]:
    return [slot for slot in _open_slots(at) if at >= frozen_at(slot)]


def built_at(slot: Slot) -> datetime:
    """From when on drafts are made for the window."""
    noon = new_york_at(slot.processing_on, BUILD_FROM)
    return min(noon, slot.cut_off_at - BUILD_AHEAD)


def frozen_at(slot: Slot) -> datetime:
    """From when on what is approved goes into the window's file."""
    return slot.cut_off_at - FREEZE_AHEAD


def _open_slots(at: datetime) -> Iterator[Slot]:
    on = new_york_date(at)
    if not is_banking_day(on):
        return
    for window in Window.objects.select_related("profile").order_by("cut_off", "pk"):
        closes_at = cut_off(window, on)
        if at < closes_at:
            yield Slot(window, on, closes_at)
