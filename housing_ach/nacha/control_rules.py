"""What the controls must say: the same as the header, and what the entries add up to."""

from collections.abc import Sequence

import numpy as np

from housing_ach.nacha.batch_table import BatchTable
from housing_ach.nacha.block import Block, Mask, Scratch
from housing_ach.nacha.checks import Checks
from housing_ach.nacha.digits import Bytes, Ints
from housing_ach.nacha.framing import CHUNK, Frame
from housing_ach.nacha.issues import Findings
from housing_ach.nacha.layout import BATCH_CONTROL, BATCH_HEADER, BLOCKING, FILE_CONTROL
from housing_ach.nacha.structure import NONE

HASH_DIGITS = 10**10


class ControlBlock(Block):
    """Controls beside what they ought to say, field by field."""

    headers: Bytes
    sums: dict[str, Ints]
    unsure: Mask


BATCH_CHECKS: Checks[ControlBlock] = Checks()
FILE_CHECKS: Checks[ControlBlock] = Checks()


def _same_as_header(rule: str, name: str) -> None:
    def expected(block: ControlBlock, places: Ints) -> Sequence[str]:
        rows = block.headers[places, BATCH_HEADER[name].columns]
        return [f"'{row.tobytes().decode('latin-1')}'" for row in rows]

    def differs(block: ControlBlock) -> Mask | None:
        mine, other = block.field(name), block.headers[:, BATCH_HEADER[name].columns]
        different = mine != other
        if not different.any():
            return None
        mask: Mask = different.any(axis=1)
        for place in np.flatnonzero(mask):  # banks justify company ids as they like
            mask[place] = mine[place].tobytes().strip() != other[place].tobytes().strip()
        return mask

    BATCH_CHECKS.rule(rule, name, expected)(differs)


def _adds_up(checks: Checks[ControlBlock], rule: str, name: str) -> None:
    def expected(block: ControlBlock, places: Ints) -> Sequence[str]:
        width = block.record[name].width
        return [f"{int(number):0{width}d}" for number in block.sums[name][places]]

    def differs(block: ControlBlock) -> Mask:
        mask: Mask = block.number(name) != block.sums[name]
        return mask if name.endswith("count") else np.logical_and(mask, ~block.unsure)

    checks.rule(rule, name, expected)(differs)


for _rule_id, _name in (
    ("C02", "service_class"),
    ("C07", "company_id"),
    ("C08", "odfi"),
    ("C09", "batch_number"),
):
    _same_as_header(_rule_id, _name)
for _rule_id, _name in (
    ("C03", "entry_addenda_count"),
    ("C04", "entry_hash"),
    ("C05", "total_debit"),
    ("C06", "total_credit"),
):
    _adds_up(BATCH_CHECKS, _rule_id, _name)
for _rule_id, _name in (
    ("C11", "batch_count"),
    ("C12", "block_count"),
    ("C13", "entry_addenda_count"),
    ("C14", "entry_hash"),
    ("C15", "total_debit"),
    ("C16", "total_credit"),
):
    _adds_up(FILE_CHECKS, _rule_id, _name)


def check_controls(frame: Frame, table: BatchTable, findings: Findings, scratch: Scratch) -> None:
    shape = table.shape
    batches = np.flatnonzero(shape.controls != NONE)
    for first in range(0, len(batches), CHUNK):
        _check_batches(frame, batches[first : first + CHUNK], table, findings, scratch)
    if shape.control != NONE:
        block = ControlBlock(FILE_CONTROL, frame, np.array([shape.control]), scratch)
        block.sums = _file_sums(frame, table)
        block.unsure = np.array([bool(table.unsure.any())])
        FILE_CHECKS.run(block, findings)


def _check_batches(
    frame: Frame, batches: Ints, table: BatchTable, findings: Findings, scratch: Scratch
) -> None:
    shape = table.shape
    block = ControlBlock(BATCH_CONTROL, frame, shape.controls[batches], scratch)
    headers = frame.take(shape.headers[batches])
    block.headers = headers.reshape(len(batches), -1)
    counts = shape.stops - shape.starts + shape.addenda_counts
    block.sums = {
        "entry_addenda_count": counts[batches],
        "entry_hash": table.hash[batches] % HASH_DIGITS,
        "total_debit": table.debit_cents[batches],
        "total_credit": table.credit_cents[batches],
    }
    block.unsure = table.unsure[batches] != 0
    BATCH_CHECKS.run(block, findings)


def _file_sums(frame: Frame, table: BatchTable) -> dict[str, Ints]:
    """Of the batches alone: a record that stands in none has its own finding."""
    shape = table.shape
    sums = {
        "batch_count": len(shape.headers),
        "block_count": -(-frame.count // BLOCKING),
        "entry_addenda_count": int((shape.stops - shape.starts + shape.addenda_counts).sum()),
        "entry_hash": int(table.hash[:-1].sum()) % HASH_DIGITS,
        "total_debit": int(table.debit_cents[:-1].sum()),
        "total_credit": int(table.credit_cents[:-1].sum()),
    }
    return {name: np.array([number]) for name, number in sums.items()}
