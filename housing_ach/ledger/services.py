"""Posting. A journal goes in whole or not at all, and is never changed afterwards, only reversed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.models import Fund, Journal
from housing_ach.shared.problems import Refusal

__all__ = [
    "AlreadyPosted",
    "AlreadyReversed",
    "BadLine",
    "Draft",
    "Key",
    "Line",
    "PeriodClosed",
    "close_period",
    "post",
    "reverse",
]

NEXT_IDS = (
    "SELECT nextval(pg_get_serial_sequence('ledger_journal', 'id')) FROM generate_series(1, %s)"
)
WANTED = "unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS w (fund_id, number, party, lease)"
FIND_ACCOUNTS = f"""
    SELECT w.fund_id, w.number, w.party, w.lease, a.id
    FROM {WANTED} JOIN ledger_account a USING (fund_id, number, party, lease)
"""  # noqa: S608
# In one order, so that two postings which need the same new accounts wait and never deadlock.
MAKE_ACCOUNTS = f"""
    INSERT INTO ledger_account (fund_id, number, party, lease)
    SELECT * FROM {WANTED} ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING
"""  # noqa: S608
COPY_JOURNALS = """
    COPY ledger_journal
    (id, fund_id, kind, effective_on, posted_at, subject, subject_id, reverses_id) FROM STDIN
"""
COPY_TRANSFERS = """
    COPY ledger_transfer (journal_id, fund_id, debit_id, credit_id, cents, reference) FROM STDIN
"""


class PeriodClosed(Refusal):
    """The fund's books are closed through the date."""


class AlreadyPosted(Refusal):
    """A transfer has the reference already: this event is in the books."""


class AlreadyReversed(Refusal):
    """Another journal reverses this one."""


class BadLine(Refusal):
    """The line moves nothing, leaves its fund, or names no account of the chart."""


REFUSALS: Mapping[str | None, tuple[type[Refusal], str]] = {
    "period_is_open": (PeriodClosed, "effective_on"),
    "reference_is_posted_once": (AlreadyPosted, "reference"),
    "journal_is_reversed_once": (AlreadyReversed, "reverses"),
}


def post(drafts: Sequence[Draft], *, at: datetime) -> None:
    """Post all drafts or none; a hundred thousand lines are a handful of statements.

    Raises BadLine, PeriodClosed, AlreadyPosted or AlreadyReversed. Post once per transaction: with
    two calls in one, another process may deadlock, and PostgreSQL then fails one of the two.
    """
    if not drafts:
        return
    keys = {key for draft in drafts for key in _checked_keys(draft)}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            accounts = _accounts(cursor, sorted(keys))
            cursor.execute(NEXT_IDS, [len(drafts)])
            ids = [pk for (pk,) in cursor.fetchall()]
            _copy(cursor, COPY_JOURNALS, list(_journal_rows(ids, drafts, at)))
            _copy(cursor, COPY_TRANSFERS, _transfer_rows(ids, drafts, accounts))
    except IntegrityError as error:
        raise _explained(error) from error


def reverse(journal: Journal, *, on: date, at: datetime) -> None:
    """Post the journal's transfers the other way round, effective `on`."""
    transfers = journal.transfers.select_related("debit", "credit").order_by("id")
    lines = [
        Line(
            transfer.credit.key,
            transfer.debit.key,
            transfer.cents,
            f"{transfer.reference}:reversed",
        )
        for transfer in transfers
    ]
    draft = Draft(
        kind="REVERSAL",
        fund_id=journal.fund_id,
        effective_on=on,
        subject=journal.subject,
        subject_id=journal.subject_id,
        lines=lines,
        reverses_id=journal.pk,
    )
    post([draft], at=at)


def close_period(fund: Fund, *, through: date) -> None:
    """Nothing is posted on or before `through` any more; waits for postings under way."""
    later = Q(closed_through=None) | Q(closed_through__lt=through)
    if not Fund.objects.filter(later, pk=fund.pk).update(closed_through=through):
        closed = Fund.objects.values_list("closed_through", flat=True).get(pk=fund.pk)
        raise PeriodClosed(
            f"closed_through: {fund.code} is closed through {closed} already",
            field="closed_through",
            ids=[fund.pk],
        )
    fund.closed_through = through


def _checked_keys(draft: Draft) -> set[Key]:
    if not draft.lines:
        raise BadLine(f"lines: {draft.kind} {draft.subject_id} has none", field="lines")
    keys = {key for line in draft.lines for key in line[:2]}
    for line in draft.lines:
        if line.cents <= 0 or line.debit == line.credit:
            raise BadLine(f"cents: {line.reference} moves nothing", field="cents")
    for key in keys:
        if key.number not in NAMES:
            raise BadLine(f"number: {key.number} is not in the chart of accounts", field="number")
        if key.fund_id != draft.fund_id:
            raise BadLine(f"fund: {draft.kind} {draft.subject_id} crosses funds", field="fund")
    return keys


def _accounts(cursor: CursorWrapper, keys: Sequence[Key]) -> dict[Key, int]:
    found = _find_accounts(cursor, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        cursor.execute(MAKE_ACCOUNTS, _columns(missing))
        found |= _find_accounts(cursor, missing)
    return found


def _find_accounts(cursor: CursorWrapper, keys: Sequence[Key]) -> dict[Key, int]:
    cursor.execute(FIND_ACCOUNTS, _columns(keys))
    return {Key(*key): pk for *key, pk in cursor.fetchall()}


def _columns(keys: Sequence[Key]) -> list[list[object]]:
    return [list(column) for column in zip(*keys, strict=True)]


def _journal_rows(
    ids: Sequence[int], drafts: Sequence[Draft], at: datetime
) -> Iterator[tuple[object, ...]]:
    funds = Fund.objects.in_bulk({draft.fund_id for draft in drafts if draft.is_fact})
    for pk, draft in zip(ids, drafts, strict=True):
        on = draft.effective_on
        if draft.is_fact:
            on = funds[draft.fund_id].first_open_day(on)
        subject = (draft.subject, str(draft.subject_id), draft.reverses_id)
        yield (pk, draft.fund_id, draft.kind, on, at, *subject)


def _transfer_rows(
    ids: Sequence[int], drafts: Sequence[Draft], accounts: Mapping[Key, int]
) -> Iterator[tuple[object, ...]]:
    for pk, draft in zip(ids, drafts, strict=True):
        for line in draft.lines:
            sides = (accounts[line.debit], accounts[line.credit])
            yield (pk, draft.fund_id, *sides, line.cents, line.reference)


def _copy(cursor: CursorWrapper, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _explained(error: IntegrityError) -> Exception:
    """The refusal for what the database found; anything else is a fault and stays one."""
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    refusal, field = REFUSALS.get(constraint, (None, ""))
    if refusal is None:
        return error
    told = getattr(diagnosis, "message_detail", None) or str(error)
    return refusal(f"{field}: {told}", field=field)
