"""Approved batches become one file whose bytes never change again.

Every entry of the batches ends in exactly one of {in the file, ejected to a Case}.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction

from housing_ach.audit.move import move, move_all
from housing_ach.bank.models import Window
from housing_ach.bank.selectors import effective_date
from housing_ach.batches.models import OUT, BankFile, Batch, Entry
from housing_ach.batches.selectors import contents
from housing_ach.batches.services.eject import eject_all
from housing_ach.batches.services.post import close_cases
from housing_ach.batches.services.render import (
    FileCannotBeWritten,
    Header,
    Rendered,
    Row,
    render,
)
from housing_ach.batches.services.upload import CONTEXT
from housing_ach.batches.services.windows import require_open
from housing_ach.batches.states import BatchStatus, EntryStatus, FileKind, FileStatus
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.nacha import masked_copy
from housing_ach.payments.services import check_still_payable
from housing_ach.shared.business_days import NEW_YORK
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal
from housing_ach.vault import services as vault
from housing_ach.vault.keys import MONEY

TRACES = 10**7
MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
BATCH = Batch._meta.label_lower
WINDOW = Window._meta.label_lower

# Whoever revokes, holds, closes or ends a rollout now waits for this transaction, or was first and
# is seen.
LOCK = """
    SELECT e.id, e.payment_id, p.status, v.version = a.version AND v.account_id = a.id
    FROM batches_entry e
    JOIN batches_batch b ON b.id = e.batch_id
    JOIN payments_payment p ON p.id = e.payment_id
    JOIN mandates_bankaccount a ON a.id = p.bank_account_id
    JOIN mandates_bankaccountversion v ON v.id = e.account_version_id
    WHERE e.batch_id = ANY(%s) AND e.status = 'PLANNED'
    ORDER BY e.id FOR UPDATE OF e, p FOR SHARE OF a
"""
# A credit needs no mandate.
LOCK_MANDATES = """
    SELECT id FROM mandates_mandate
    WHERE id IN (SELECT mandate_id FROM payments_payment WHERE id = ANY(%s)) ORDER BY id FOR SHARE
"""
LOCK_PROPERTIES = """
    SELECT id FROM tenants_property WHERE id IN (
        SELECT r.property_id FROM payments_payment p JOIN tenants_leaserollout r USING (lease_id)
        WHERE p.id = ANY(%s)
    ) ORDER BY id FOR SHARE
"""

# Payment type of WEB and TEL entries: recurring or single (Nacha Appendix Three).
ROWS = """
    SELECT e.id, b.number, e.account_version_id, v.routing, e.transaction_code, e.cents,
        e.individual_id, e.name,
        CASE WHEN b.sec_code IN ('WEB', 'TEL')
            THEN CASE WHEN o.kind = 'ONE_TIME' THEN 'S' ELSE 'R' END ELSE '' END,
        left(c.odfi, 8)
    FROM batches_entry e
    JOIN batches_batch b ON b.id = e.batch_id
    JOIN bank_company c ON c.id = b.company_id
    JOIN mandates_bankaccountversion v ON v.id = e.account_version_id
    JOIN payments_payment p ON p.id = e.payment_id
    JOIN payments_order o ON o.id = p.order_id
    WHERE e.batch_id = ANY(%s) AND e.status = 'PLANNED'
    ORDER BY b.number, e.id
"""

NAME = """
    UPDATE batches_entry e SET trace = t.trace, trace_serial = t.serial, line = t.line
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS t (id, trace, serial, line)
    WHERE e.id = t.id AND e.status = 'PLANNED'
"""


class BalancedNotOffered(Refusal):
    """The bank wants an offset entry in the file, which is not written."""


class NoModifierLeft(Refusal):
    """36 files of one origin in one minute: the next one must wait for the next minute."""


def freeze(*, window: Window, on: date, at: datetime) -> BankFile | None:
    """The file of the window's approved batches, None when nothing is left to send.

    Raises PastCutOff. Looks again under lock at everything an approval rests on; what fails is
    ejected. What is wrong with the file as a whole stops it with a Case.
    """
    require_open(window, on, at)
    if window.profile.balanced:
        raise BalancedNotOffered(
            f"bank {window.profile}: balanced files are not written", field="balanced"
        )
    try:
        file = _freeze(window, on, at)
    except FileCannotBeWritten as problem:
        open_case(
            CaseKind.FILE_HELD,
            WINDOW,
            f"{window.pk}:{on}",
            f"The file of {window.profile} for {on} cannot be written: {problem}",
            at=at,
            suggested_fix="Mend the company's or bank's data before the cut-off; it is tried again.",
        )
        return None
    if file:
        close_cases(CaseKind.FILE_HELD, WINDOW, f"{window.pk}:{on}", f"written as {file}", at=at)
    failpoint("freeze.committed")
    return file


@transaction.atomic
def _freeze(window: Window, on: date, at: datetime) -> BankFile | None:
    closes_at = require_open(window, on, at)
    _one_at_a_time()
    batches = _take_approved(window, on, at=at)
    _look_again(batches, window, on, at=at)
    batches = _number([batch for batch in batches if _has_entries(batch)])
    if not batches:
        return None
    header = _header(window, at)
    rendered = _render(header, batches, at=at)
    if rendered is None:
        return None
    file = _store(window, on, closes_at, header=header, content=rendered.content, at=at)
    _fix(file, batches, rendered)
    failpoint("freeze.before_commit")
    return file


def rehearse(batches: Sequence[Batch], *, window: Window, at: datetime) -> Rendered | None:
    """The file of the batches as it would be written now, None when a rule lets nothing pass.

    Entries are ejected and batches numbered as for the bank: the caller undoes it all.
    """
    kept = _number([batch for batch in batches if _has_entries(batch)])
    return _render(_header(window, at), kept, at=at)


def _one_at_a_time() -> None:
    """Serials, modifiers and names are given to one file after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('batches.freeze', 0))")


def _take_approved(window: Window, on: date, *, at: datetime) -> list[Batch]:
    """Locked; a batch that is not what was approved stays behind with a Case."""
    approved = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("company")
        .filter(window=window, processing_on=on, status=BatchStatus.APPROVED)
        .order_by("pk")
    )
    batches = list(approved)
    found = contents([batch.pk for batch in batches])
    for batch in batches:
        if found[batch.pk].sha != batch.approved_sha:
            open_case(
                CaseKind.HOLD,
                BATCH,
                batch.pk,
                f"Batch {batch} is not what was approved and is not sent",
                at=at,
                suggested_fix="Find out who changed it; cancel it and build anew.",
                cents=batch.cents,
            )
    return [batch for batch in batches if found[batch.pk].sha == batch.approved_sha]


def _look_again(batches: Sequence[Batch], window: Window, on: date, *, at: datetime) -> None:
    """A hold, a cancellation, a new account version or anything `check_still_payable` finds."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [[batch.pk for batch in batches]])
        rows = cursor.fetchall()
        payments = [payment for _, payment, *_ in rows]
        cursor.execute(LOCK_MANDATES, [payments])
        cursor.execute(LOCK_PROPERTIES, [payments])
    refused: dict[int, tuple[CaseKind, str]] = {}
    payable = check_still_payable(payments, on=effective_date(window, on))
    for entry, payment, status, is_current in rows:
        if status != "BATCHED":
            refused[entry] = (CaseKind.HOLD, f"payment is {status}")
        elif payment in payable:
            refused[entry] = payable[payment]
        elif not is_current:
            reason = "the bank account changed after the batch was made"
            refused[entry] = (CaseKind.ENTRY_EJECTED, reason)
    eject_all(refused, at=at)


def _has_entries(batch: Batch) -> bool:
    """A batch of which nothing is left goes nowhere."""
    if batch.entries.filter(status=EntryStatus.PLANNED).exists():
        return True
    batch.refresh_from_db()
    move(batch, BatchStatus.CANCELLED, data={"reason": "every entry was ejected"})
    return False


def _number(batches: Sequence[Batch]) -> list[Batch]:
    for number, batch in enumerate(batches, start=1):
        batch.number = number
    Batch.objects.bulk_update(batches, ["number"])
    return list(batches)


def _header(window: Window, at: datetime) -> Header:
    """Creation in New York time; with the origin and the modifier it is the file's duplicate key."""
    local = at.astimezone(NEW_YORK)
    origin, time = window.profile.immediate_origin, f"{local:%H%M}"
    taken = BankFile.objects.filter(
        direction=OUT, origin=origin, creation_on=local.date(), creation_time=time
    )
    used = set(taken.values_list("modifier", flat=True))
    free = [modifier for modifier in MODIFIERS if modifier not in used]
    if not free:
        raise NoModifierLeft(
            f"modifier: all 36 of {local:%Y-%m-%d %H:%M} are taken", field="modifier"
        )
    return Header(window.profile, origin, local.date(), time, free[0])


def _render(header: Header, batches: Sequence[Batch], *, at: datetime) -> Rendered | None:
    """Write, read back and eject what a rule finds, until nothing is found; None: nothing is left."""
    rows = _rows(batches)
    while rows:
        rendered = render(header, batches, rows)
        if not rendered.faults:
            return rendered
        eject_all({pk: (CaseKind.ENTRY_EJECTED, why) for pk, why in rendered.faults.items()}, at=at)
        rows = [row for row in rows if row.entry_id not in rendered.faults]
        batches = [batch for batch in batches if _has_entries(batch)]
    return None


def _rows(batches: Sequence[Batch]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [[batch.pk for batch in batches]])
        found = cursor.fetchall()
    return [
        Row._make([*columns, serial, f"{odfi}{serial % TRACES:07d}"])
        for (*columns, odfi), serial in zip(found, _serials(len(found)), strict=True)
    ]


def _serials(count: int) -> list[int]:
    """Ascending, and never across the point at which their last seven digits begin anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('batches_trace_serial') FROM generate_series(1, %s)", [count]
        )
        serials = [serial for (serial,) in cursor.fetchall()]
        if serials and serials[0] // TRACES != serials[-1] // TRACES:
            cursor.execute(
                "SELECT setval('batches_trace_serial', %s, false)",
                [serials[-1] // TRACES * TRACES + 1],
            )
            return _serials(count)
    return serials


def _store(
    window: Window, on: date, closes_at: datetime, *, header: Header, content: bytes, at: datetime
) -> BankFile:
    sha256 = hashlib.sha256(content).hexdigest()
    stamp = f"{header.creation_on:%Y%m%d}-{header.creation_time}-{header.modifier}"
    return BankFile.objects.create(
        profile=window.profile,
        direction=OUT,
        kind=FileKind.ENTRIES,
        status=FileStatus.FROZEN,
        name=f"ACH-{stamp}-{sha256[:8]}.ach",
        sha256=sha256,
        size=len(content),
        sealed=vault.seal(MONEY, content, context=CONTEXT),
        masked=masked_copy(content).decode("ascii"),
        window=window,
        processing_on=on,
        cut_off_at=closes_at,
        origin=header.origin,
        creation_on=header.creation_on,
        creation_time=header.creation_time,
        modifier=header.modifier,
        made_at=at,
    )


def _fix(file: BankFile, batches: Sequence[Batch], rendered: Rendered) -> None:
    """Entries and batches are tied to the file, each with its trace and line."""
    rows = rendered.rows
    with connection.cursor() as cursor:
        named = ([row.entry_id for row in rows], [row.trace for row in rows])
        cursor.execute(NAME, [*named, [row.serial for row in rows], list(rendered.lines)])
    for batch in Batch.objects.filter(pk__in=[batch.pk for batch in batches]).order_by("pk"):
        if batch.status == BatchStatus.APPROVED:
            cents = [row.cents for row in rows if row.batch_number == batch.number]
            move(batch, BatchStatus.FROZEN, file=file, entry_count=len(cents), cents=sum(cents))
    move_all(Entry, EntryStatus.FROZEN, ids=[row.entry_id for row in rows], strict=True)
