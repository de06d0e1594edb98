"""What must hold of addenda, and of the entries they turn into returns or corrections."""

from collections.abc import Sequence

import numpy as np

from housing_ach.nacha import addenda, kinds
from housing_ach.nacha.addenda import AddendaBlock
from housing_ach.nacha.batch_table import SECS, BatchTable
from housing_ach.nacha.block import Mask, half_filled, is_empty
from housing_ach.nacha.checks import Checks
from housing_ach.nacha.codes import CORRECTION_CODES, RETURN_CODES, SEC_CODES
from housing_ach.nacha.corrections import read_corrected
from housing_ach.nacha.dates import are_dates
from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import Frame
from housing_ach.nacha.issues import Findings
from housing_ach.nacha.layout import (
    ADDENDA_05,
    ADDENDA_98,
    ADDENDA_99,
    ADDENDA_OTHER,
    ENTRY,
)

CHECKS: Checks[AddendaBlock] = Checks()
_TYPE = "type_code"
_HANDLED = np.array([sec != "" and SEC_CODES[sec].handled for sec in SECS])
_COR = SECS.index("COR")
_CODE_FIELDS = ("change_code", "refused_code")
_RETURN_FIELDS = ("return_code", "dishonored_code", "contested_code")


def _texts(block: AddendaBlock, name: str) -> list[str]:
    return [row.tobytes().decode("latin-1") for row in block.field(name)]


@CHECKS.rule("A02", _TYPE, "05 or 99; in a COR batch 98")
def unfit_type(block: AddendaBlock) -> Mask:
    sec = block.table.sec[block.place.batches]
    correction = block.of_class == addenda.CORRECTION
    unfit = np.where(sec == _COR, not correction, correction)
    mask: Mask = _HANDLED[sec] & (unfit | (block.record is ADDENDA_OTHER))
    return mask


@CHECKS.rule("A05", _TYPE)
def too_many(block: AddendaBlock) -> Mask:
    most = block.table.most_addenda[block.place.batches]
    if block.of_class != addenda.FORWARD:
        most = np.maximum(most, 1)
    return block.place.order >= most


def _sequences(block: AddendaBlock, places: Ints) -> Sequence[str]:
    return [f"{number + 1:04d}" for number in block.place.order[places]]


@CHECKS.rule("A03", "sequence", _sequences)
def out_of_sequence(block: AddendaBlock) -> Mask | None:
    if block.record is not ADDENDA_05:
        return None
    mask: Mask = block.number("sequence") != block.place.order + 1
    return mask


def _entry_sequences(block: AddendaBlock, places: Ints) -> Sequence[str]:
    return [row[-7:].tobytes().decode("latin-1") for row in block.parent_bytes[places]]


@CHECKS.rule("A04", "entry_sequence", _entry_sequences)
def of_another_entry(block: AddendaBlock) -> Mask | None:
    if block.record is not ADDENDA_05:
        return None
    mask: Mask = (block.field("entry_sequence") != block.parent_bytes[:, -7:]).any(axis=1)
    return mask


def _traces(block: AddendaBlock, places: Ints) -> Sequence[str]:
    return [row[-15:].tobytes().decode("latin-1") for row in block.parent_bytes[places]]


@CHECKS.rule("A10", "trace", _traces)
def trace_of_another_entry(block: AddendaBlock) -> Mask | None:
    if "trace" not in block.record.by_name:
        return None
    mask: Mask = (block.field("trace") != block.parent_bytes[:, -15:]).any(axis=1)
    return mask


@CHECKS.rule("A11", "date_of_death", "YYMMDD or blanks")
def no_date_of_death(block: AddendaBlock) -> Mask | None:
    if block.record is not ADDENDA_99:
        return None
    content = block.field("date_of_death")
    return ~is_empty(content) & ~half_filled(content) & ~are_dates(content)


@CHECKS.rule("A13", "corrected_data")
def unreadable_correction(block: AddendaBlock) -> Mask | None:
    if block.record is not ADDENDA_98:
        return None
    codes, data = _texts(block, "change_code"), _texts(block, "corrected_data")
    return np.array(
        [
            code in CORRECTION_CODES and read_corrected(code, text).unreadable != ""
            for code, text in zip(codes, data, strict=True)
        ]
    )


def _known_codes(rule: str, name: str, known: frozenset[str]) -> None:
    def unknown(block: AddendaBlock) -> Mask | None:
        first = block.record.fields[2].name
        if first != name:
            return None
        return np.array([code not in known for code in _texts(block, name)])

    CHECKS.rule(rule, name)(unknown)


for _name in _CODE_FIELDS:
    _known_codes("A06", _name, frozenset(CORRECTION_CODES))
for _name in _RETURN_FIELDS:
    _known_codes("A07", _name, frozenset(RETURN_CODES))


def check_addenda(frame: Frame, table: BatchTable, findings: Findings) -> Bytes | None:
    """Checks every addenda; answers what each entry is, or None where all are forward."""
    found: list[tuple[Ints, int]] = []
    shape = table.shape
    for first, last in addenda.chunks(table):
        place, held, orphans = addenda.placed(table, first, last)
        rows = shape.addenda[first:last]
        findings.add("A01", ADDENDA_OTHER, ADDENDA_OTHER["record_type"], rows[orphans])
        for block in addenda.blocks(frame, table, place, rows[held]):
            CHECKS.run(block, findings)
            if block.of_class != addenda.FORWARD:
                found.append((block.place.parents, block.of_class))
    return addenda.classes(table, found) if found else None


def check_classes(
    frame: Frame, table: BatchTable, classes: Bytes | None, findings: Findings
) -> None:
    """Forward and returned entries do not share a batch; return codes need their addenda."""
    shape = table.shape
    if classes is None:
        classes = np.zeros(len(shape.entries), np.uint8)
    starts, batches = shape.segments()
    lengths = np.diff(starts, append=len(shape.entries))
    first = np.repeat(classes[starts], lengths)
    mixed = (classes != first) & np.repeat(batches >= 0, lengths)
    wanted = ENTRY["transaction_code"]
    findings.add("E19", ENTRY, wanted, shape.entries[mixed], "the same kind as the first entry")
    codes = frame.matrix[shape.entries, 1:3] - 0x30
    pairs = codes[:, 0].astype(np.int64) | codes[:, 1].astype(np.int64) << 8
    kind = kinds.KIND_OF_CODE.take(pairs, mode="clip")
    returns = (kind & kinds.RETURNS) != 0
    bare = returns & (classes == addenda.FORWARD)
    findings.add("E27", ENTRY, wanted, shape.entries[bare])
    forward = ~returns & (kind != kinds.UNKNOWN) & (classes != addenda.FORWARD)
    findings.add("E20", ENTRY, wanted, shape.entries[forward], "x1 or x6")
