"""I5: every published entry is exactly one line of its file, as the stored bytes say."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from django.db import connection

from housing_ach.batches.models import OUT, BankFile
from housing_ach.batches.services import content_of
from housing_ach.batches.states import PUBLISHED_ENTRY, EntryStatus, FileStatus
from housing_ach.mandates.selectors import open_numbers
from housing_ach.nacha import File, read
from housing_ach.proof.findings import Finding, Offender, ask
from housing_ach.vault.keys import CannotOpen

PUBLISHED_FILE = (FileStatus.PUBLISHED, FileStatus.ACCEPTED, FileStatus.REJECTED)
BOOKED = """
    SELECT e.line, e.trace::bigint, e.cents, e.transaction_code::int
    FROM batches_entry e JOIN batches_batch b ON b.id = e.batch_id
    WHERE b.file_id = %s AND e.status = ANY(%s) ORDER BY e.line, e.id
"""

# Where the money of a line goes, and when: routing number, account version, company id, day.
AIMED = """
    SELECT e.line, v.routing, v.id, c.company_id, b.effective_on
    FROM batches_entry e
    JOIN batches_batch b ON b.id = e.batch_id
    JOIN bank_company c ON c.id = b.company_id
    JOIN mandates_bankaccountversion v ON v.id = e.account_version_id
    WHERE b.file_id = %s AND e.status = ANY(%s) ORDER BY e.line
"""

# Line in the file, trace number, cents, transaction code.
Row = tuple[int, int, int, int]


def published_lines() -> Finding:
    """I5: one payment, one trace and one file line for each, and VOID entries in no published file."""
    finding = _places()
    files = BankFile.objects.filter(direction=OUT, status__in=PUBLISHED_FILE).order_by("pk")
    for file in files.defer("masked").iterator():
        finding += _reread(file)
    return finding


def _places() -> Finding:
    return ask(
        """
        SELECT e.id, e.status, e.status = ANY(%(published)s) AS published,
            f.status = ANY(%(files)s) AS in_published_file,
            e.payment_id IS NULL AND NOT p.balanced AS of_nobody,
            count(*) FILTER (WHERE e.status = ANY(%(published)s)) OVER (
                PARTITION BY e.trace_serial
            ) > 1 AS twice
        FROM batches_entry e
        JOIN batches_batch b ON b.id = e.batch_id
        JOIN batches_bankfile f ON f.id = b.file_id
        JOIN bank_bankprofile p ON p.id = f.profile_id
        WHERE e.status = %(void)s OR e.status = ANY(%(published)s)
        """,
        """
        SELECT 'entry', id, CASE
            WHEN published AND NOT in_published_file THEN status || ', but its file is not published'
            WHEN NOT published AND in_published_file THEN status || ', but its file is published'
            WHEN of_nobody THEN 'moves money of no payment'
            ELSE 'shares its trace with another entry' END
        FROM facts WHERE published <> in_published_file OR published AND (of_nobody OR twice)
        """,
        {
            "published": list(PUBLISHED_ENTRY),
            "files": list(PUBLISHED_FILE),
            "void": EntryStatus.VOID,
        },
    )


def _reread(file: BankFile) -> Finding:
    try:
        content = content_of(file)
    except CannotOpen as problem:
        return _broken(file, str(problem))
    if hashlib.sha256(content).hexdigest() != file.sha256:
        return _broken(file, "the stored bytes are not those that were frozen")
    parsed = read(content)
    stored = _stored_rows(parsed)
    booked = _booked_rows(file)
    if stored.shape == booked.shape and bool((stored == booked).all()):
        return Finding(len(booked), list(_misdirected(file, parsed)))
    return Finding(len(booked), list(_differences(file, stored.tolist(), booked.tolist())))


def _misdirected(file: BankFile, parsed: File) -> Iterator[Offender]:
    """Lines that go to another account, bank, company or day than the entry they are."""
    with connection.cursor() as cursor:
        cursor.execute(AIMED, [file.pk, list(PUBLISHED_ENTRY)])
        aimed = cursor.fetchall()
    numbers = open_numbers([version for _, _, version, _, _ in aimed])
    wanted = {
        line: (routing, "".join(numbers[version].split()), company, on)
        for line, routing, version, company, on in aimed
    }
    for batch in parsed.batches:
        for entry in batch.entries:
            account = "".join(entry.account.split())
            found = (entry.routing, account, batch.company_id.strip(), batch.effective_on)
            if wanted[entry.line] != found:
                told = f"line {entry.line}: not the account, bank, company or day of its entry"
                yield Offender("file", str(file.pk), told)


def _stored_rows(parsed: File) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    columns = parsed.columns
    parts = (columns.lines, columns.traces, columns.cents, columns.codes)
    return np.column_stack([np.asarray(part, np.int64) for part in parts])


def _booked_rows(file: BankFile) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, [file.pk, list(PUBLISHED_ENTRY)])
        return np.array(cursor.fetchall(), np.int64).reshape(-1, 4)


def _differences(
    file: BankFile, stored: Sequence[Row], booked: Sequence[Row]
) -> Iterator[Offender]:
    in_file, in_books = {tuple(row) for row in stored}, {tuple(row) for row in booked}
    for line, trace, cents, code in sorted(in_books - in_file):
        told = f"the file has no line {line} with trace {trace:015d}, code {code} and {cents} cents"
        yield Offender("file", str(file.pk), told)
    for line, trace, cents, code in sorted(in_file - in_books):
        told = f"line {line} (trace {trace:015d}, code {code}, {cents} cents) is no entry of ours"
        yield Offender("file", str(file.pk), told)
    if in_file == in_books:
        yield Offender("file", str(file.pk), "two entries claim one line")


def _broken(file: BankFile, why: str) -> Finding:
    return Finding(1, [Offender("file", str(file.pk), why)])
