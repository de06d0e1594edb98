"""Which finished days have journals that are in no posting yet.

A transaction that commits late may have an id below others that were read; so a posting ends at the
oldest transaction still under way, and the next one begins there.

Of days up to the last one planned, what was made before the last end is in a posting. So of these only
what was made since is looked at, and of later days everything: a run costs what is new.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from housing_ach.audit.final import final_txid
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.selectors import codes_of, entry_of
from housing_ach.erp.states import PostingStatus
from housing_ach.shared.business_days import new_york_date

NEW = """
    WITH new AS (
        SELECT fund_id, effective_on FROM ledger_journal
        WHERE txid >= %(seen)s::text::xid8 AND txid < %(final)s::text::xid8
            AND effective_on >= %(starts_on)s AND effective_on <= %(planned)s
        UNION
        SELECT fund_id, effective_on FROM ledger_journal
        WHERE effective_on > %(planned)s AND effective_on < %(today)s
            AND txid < %(final)s::text::xid8
    )
    SELECT fund_id, effective_on, (
        SELECT max(until_txid) FROM erp_posting
        WHERE target_id = %(target)s AND fund_id = new.fund_id AND day = new.effective_on
    )
    FROM new ORDER BY 2, 1
"""


def plan_postings(*, at: datetime) -> int:
    """Days before today in New York, a posting per fund and day; returns how many were made."""
    return sum(_plan(pk, at) for pk in Target.objects.filter(is_active=True).values_list("pk"))


@transaction.atomic
def _plan(key: tuple[int], at: datetime) -> int:
    target = Target.objects.select_for_update().get(pk=key[0])
    final = final_txid()
    found = _new(target, at, final)
    codes = codes_of(target)
    new = [
        Posting(
            target=target, fund_id=fund, day=day, after_txid=after, until_txid=final,
            codes=codes.get(fund, {}), status=PostingStatus.PENDING, next_at=at,
        )
        for fund, day, after in found
    ]  # fmt: skip
    for posting in new:
        _fill(posting)
    Posting.objects.bulk_create(new)
    return len(new)


def _new(target: Target, at: datetime, final: int) -> list[tuple[Any, ...]]:
    """Fund, day and where the day's last posting ended, if it has one."""
    last = target.postings.aggregate(day=Max("day"), txid=Max("until_txid"))
    asked = {
        "target": target.pk,
        "starts_on": target.starts_on,
        "today": new_york_date(at),
        "final": final,
        "seen": last["txid"] or 0,
        "planned": last["day"] or target.starts_on - timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEW, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _fill(posting: Posting) -> None:
    posting.source_ref = f"HMS-{posting.fund.code}-{posting.day:%Y%m%d}-{posting.until_txid}"
    entry = entry_of(posting)
    posting.content_sha256 = entry.sha256
    posting.line_count = len(entry.lines)
    posting.debit_cents = entry.debit_cents
    posting.credit_cents = entry.credit_cents
