"""A posting's lines, from the ledger: the same ones whenever they are asked for."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from housing_ach.erp.contract import Entry, Line
from housing_ach.erp.models import AccountMap, Posting, Target

LINES = """
    SELECT d.number, d.party, d.lease, c.number, c.party, c.lease, j.kind, t.reference, t.cents
    FROM ledger_journal j
        JOIN ledger_transfer t ON t.journal_id = j.id
        JOIN ledger_account d ON d.id = t.debit_id
        JOIN ledger_account c ON c.id = t.credit_id
    WHERE j.fund_id = %s AND j.effective_on = %s
        AND j.txid >= %s::text::xid8 AND j.txid < %s::text::xid8
    ORDER BY t.id
"""


def entry_of(posting: Posting) -> Entry:
    given: list[Any] = [posting.fund_id, posting.day, posting.after_txid or 0, posting.until_txid]
    with connection.cursor() as cursor:
        cursor.execute(LINES, given)
        rows = cursor.fetchall()
    lines: list[Line] = []
    for row in rows:
        event, reference, cents = row[6:]
        lines.append(_line(posting.codes, row[:3], (event, reference), (cents, 0)))
        lines.append(_line(posting.codes, row[3:6], (event, reference), (0, cents)))
    return Entry(posting.source_ref, posting.day, posting.fund.code, lines)


def _line(
    codes: Mapping[str, str],
    account: tuple[str, str, int],
    told: tuple[str, str],
    amounts: tuple[int, int],
) -> Line:
    """A number without a code goes as it is: the ERP's own import refuses what it does not know,
    and a day held back here would be missed by nobody."""
    number, party, lease = account
    return Line(codes.get(number, number), number, party, str(lease or ""), *told, *amounts)


def codes_of(target: Target) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for mapped in AccountMap.objects.filter(target=target):
        found.setdefault(mapped.fund_id, {})[mapped.number] = mapped.code
    return found
