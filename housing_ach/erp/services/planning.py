"""Which finished days have journals that are in no posting yet.

A transaction that commits late may have an id below others that were read; so a posting ends at the
oldest transaction still under way, and the next one begins there.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from housing_ach.audit.final import final_txid
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.selectors import codes_of, entry_of
from housing_ach.erp.states import PostingStatus
from housing_ach.shared.business_days import new_york_date

NEW = """
    WITH last AS (
        SELECT fund_id, day, max(until_txid) AS txid
        FROM erp_posting WHERE target_id = %(target)s GROUP BY fund_id, day
    )
    SELECT j.fund_id, j.effective_on, last.txid
    FROM ledger_journal j
        LEFT JOIN last ON last.fund_id = j.fund_id AND last.day = j.effective_on
    WHERE j.effective_on >= %(starts_on)s AND j.effective_on < %(today)s
        AND j.txid < %(final)s::text::xid8
        AND j.txid >= coalesce(last.txid, 0)::text::xid8
    GROUP BY 1, 2, 3 ORDER BY 2, 1
"""


def plan_postings(*, at: datetime) -> int:
    """Days before today in New York, a posting per fund and day; returns how many were made."""
    return sum(_plan(pk, at) for pk in Target.objects.filter(is_active=True).values_list("pk"))


@transaction.atomic
def _plan(key: tuple[int], at: datetime) -> int:
    target = Target.objects.select_for_update().get(pk=key[0])
    final = final_txid()
    asked: dict[str, Any] = {
        "target": target.pk,
        "starts_on": target.starts_on,
        "today": new_york_date(at),
        "final": final,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEW, asked)
        found = cursor.fetchall()
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


def _fill(posting: Posting) -> None:
    posting.source_ref = f"HMS-{posting.fund.code}-{posting.day:%Y%m%d}-{posting.until_txid}"
    entry = entry_of(posting)
    posting.content_sha256 = entry.sha256
    posting.line_count = len(entry.lines)
    posting.debit_cents = entry.debit_cents
    posting.credit_cents = entry.credit_cents
