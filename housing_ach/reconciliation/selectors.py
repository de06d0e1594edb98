"""What the bank said of the entries a client speaks about."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from housing_ach.batches.states import PUBLISHED_ENTRY
from housing_ach.payments.states import Purpose
from housing_ach.reconciliation.claims import Claim
from housing_ach.reconciliation.models import Line
from housing_ach.reconciliation.states import Fate, NamedBy
from housing_ach.returns.selectors import MATCH_DAYS

# The entry with the trace, else the attempt that fits best of the payment or of the order's payments.
# Amounts of micro-deposits are compared with nobody's: whoever may ask could find them out.
KNOWN = """
WITH said AS (
    SELECT * FROM unnest(%(lines)s::int[], %(kinds)s::text[], %(names)s::text[], %(said)s::text[],
            %(codes)s::text[], %(cents)s::bigint[], %(days)s::date[])
        AS s (line, kind, name, said, code, cents, day)
), named AS (
    SELECT s.line, e.id FROM said s JOIN batches_entry e ON e.trace = s.name
        WHERE s.kind = 'TRACE'
    UNION ALL
    SELECT s.line, e.id FROM said s JOIN batches_entry e
        ON e.payment_id = CASE s.kind WHEN 'PAYMENT' THEN s.name::bigint END
    UNION ALL
    SELECT s.line, e.id FROM said s
        JOIN payments_order o ON o.external_id = s.name AND o.external_id <> ''
        JOIN payments_payment p ON p.order_id = o.id
        JOIN batches_entry e ON e.payment_id = p.id
        WHERE s.kind = 'EXTERNAL_ID'
)
SELECT DISTINCT ON (s.line) s.line, e.id, e.payment_id, e.trace, e.cents, e.status, e.settled_on,
    coalesce(e.returned_on, r.banking_on), coalesce(r.code, ''), left(v.routing, 8),
    coalesce(p.purpose = %(secret)s, false),
    s.kind = 'EXTERNAL_ID' AND o.cents = s.cents AND e.cents <> s.cents
FROM named n
JOIN said s ON s.line = n.line
JOIN batches_entry e ON e.id = n.id
JOIN batches_batch b ON b.id = e.batch_id
JOIN mandates_bankaccountversion v ON v.id = e.account_version_id
LEFT JOIN payments_payment p ON p.id = e.payment_id
LEFT JOIN payments_order o ON o.id = p.order_id
LEFT JOIN returns_return r ON r.entry_id = e.id AND r.kind = 'RETURN'
WHERE e.status = ANY(%(sent)s) AND b.effective_on >= %(since)s
ORDER BY s.line, e.cents = s.cents DESC,
    coalesce(CASE s.said WHEN 'RETURNED' THEN r.code = s.code ELSE e.settled_on = s.day END, false)
        DESC,
    e.id DESC
"""


class Known(NamedTuple):
    """An entry and the bank's word on it. `is_sum`: the client named what the whole order is over."""

    entry_id: int
    payment_id: int | None
    trace: str
    cents: int
    status: str
    settled_on: date | None
    returned_on: date | None
    code: str
    rdfi: str
    is_secret: bool
    is_sum: bool


def known(claims: Sequence[Claim], *, on: date) -> dict[int, Known]:
    """By line, what we sent in the last 400 days alone; one query, however many there are."""
    asked: dict[str, Any] = {
        "lines": [claim.line for claim in claims],
        "kinds": [str(claim.named_by) for claim in claims],
        "names": [claim.name for claim in claims],
        "said": [str(claim.said) for claim in claims],
        "codes": [claim.code for claim in claims],
        "cents": [claim.cents for claim in claims],
        "days": [claim.on for claim in claims],
        "secret": str(Purpose.MICRO_DEPOSIT),
        "sent": [str(status) for status in PUBLISHED_ENTRY],
        "since": on - MATCH_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, asked)
        return {line: Known(*row) for line, *row in cursor.fetchall()}


Word = tuple[int, str, str, int, date]


def word_of(claim: Claim, entry_id: int) -> Word:
    return entry_id, str(claim.said), claim.code, claim.cents, claim.on


def told_before(entries: Iterable[int]) -> dict[Word, int]:
    """The case each word that contradicts the bank has had from another file."""
    rows = Line.objects.filter(entry__in=set(entries), fate=Fate.CONTRADICTED).order_by("-pk")
    return {
        (entry, said, code, cents, on): case
        for entry, said, code, cents, on, case in rows.values_list(
            "entry_id", "said", "code", "cents", "on", "case_id"
        )
        if entry and case
    }


def is_exact(named_by: str) -> bool:
    return named_by == NamedBy.TRACE
