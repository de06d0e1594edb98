"""What must hold of each entry (Nacha Operating Rules, Appendix Three and Part 4.2)."""

from collections.abc import Sequence

import numpy as np

from housing_ach.nacha import kinds
from housing_ach.nacha.block import Mask
from housing_ach.nacha.checks import Checks
from housing_ach.nacha.digits import Ints, routing_check_digit, wrong_check_digits
from housing_ach.nacha.entries import EntryBlock

ENTRY_CHECKS: Checks[EntryBlock] = Checks()
_rule = ENTRY_CHECKS.rule
_RECURRING, _SINGLE = (ord(char) - 0x20 for char in "RS")
_HIGH_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
_SIGNS = np.uint64(0x8080808080808080)
_BYTE, _SEVEN_BYTES = np.uint64(8), np.uint64(56)


@_rule("E01", "transaction_code")
def unknown_code(block: EntryBlock) -> Mask | None:
    if not block.any_of(kinds.UNKNOWN):
        return None
    mask: Mask = block.kinds == kinds.UNKNOWN
    return mask


@_rule("E02", "transaction_code")
def against_the_service_class(block: EntryBlock) -> Mask | None:
    return block.of_kind(block.table.refused_by_class)


@_rule("E03", "transaction_code")
def against_the_sec_code(block: EntryBlock) -> Mask | None:
    return block.of_kind(block.table.refused_by_sec)


@_rule("E22", "transaction_code")
def loan_debit_outside_a_reversal(block: EntryBlock) -> Mask | None:
    return block.of_kind(block.table.loan_debit_bits)


def _right_digits(block: EntryBlock, places: Ints) -> Sequence[str]:
    routing = block.field("routing")
    return [routing_check_digit(routing[place].tobytes().decode()) for place in places]


@_rule("E05", "check_digit", _right_digits, sound=("routing",))
def wrong_check_digit(block: EntryBlock) -> Mask:
    odd, even = block.routing
    return wrong_check_digits(odd, even, block.column("check_digit"))


@_rule("E24", "account", "no blank inside")
def blank_inside_the_account(block: EntryBlock) -> Mask:
    """Columns 14 to 21 and 22 to 29: a letter whose left neighbour is blank (column 13 is not)."""
    first, second = block.words(14), block.words(22)
    blank = _SIGNS - first  # a blank is 0 here, so its byte keeps the high bit
    first += _HIGH_BITS  # and here the others have it
    first &= blank << _BYTE
    blank >>= _SEVEN_BYTES
    blank |= (_SIGNS - second) << _BYTE
    second += _HIGH_BITS
    second &= blank
    first |= second
    first &= _SIGNS
    mask: Mask = first != 0
    return mask


@_rule("E08", "amount", "more than zero")
def live_without_an_amount(block: EntryBlock) -> Mask | None:
    zero = block.cents == 0
    return zero & ((block.kinds & kinds.LIVE) != 0) if zero.any() else None


@_rule("E09", "amount", "0000000000")
def amount_that_must_be_zero(block: EntryBlock) -> Mask | None:
    mask = block.of_kind(block.table.zero_bits)
    return None if mask is None else mask & (block.cents != 0)


@_rule("E11", "discretionary", "S or R")
def payment_type(block: EntryBlock) -> Mask | None:
    wanted = block.table.wants_payment_type
    if not wanted[block.run.batches].any():
        return None
    given = block.pair(77)
    mask: Mask = (given != _SINGLE) & (given != _RECURRING) & (block.of_batch(wanted) != 0)
    return mask


@_rule("E12", "addenda_indicator", "0 or 1")
def indicator(block: EntryBlock) -> Mask | None:
    wrong = block.misannounced
    return None if wrong is None else block.column("addenda_indicator") > 1


@_rule("E13", "addenda_indicator", "1")
def unannounced_addenda(block: EntryBlock) -> Mask | None:
    wrong = block.misannounced
    return None if wrong is None else wrong & (block.column("addenda_indicator") == 0)


@_rule("E14", "addenda_indicator", "0")
def missing_addenda(block: EntryBlock) -> Mask | None:
    wrong = block.misannounced
    return None if wrong is None else wrong & (block.column("addenda_indicator") == 1)


def _odfi(block: EntryBlock, places: Ints) -> Sequence[str]:
    run, table = block.run, block.table
    batches = run.batches[np.searchsorted(run.starts, places, side="right") - 1]
    words = (table.odfi[batches] + np.uint64(0x3030303030303030)).astype("<u8")
    return [f"{word.tobytes().decode('latin-1')}..." for word in words]


@_rule("E16", "trace", _odfi)
def foreign_trace(block: EntryBlock) -> Mask | None:
    foreign = block.words(80) != block.of_batch(block.table.odfi)
    if not foreign.any():
        return None
    mask: Mask = foreign & (block.of_batch(block.table.odfi_known) != 0)
    return mask


@_rule("E17", "trace", "more than the one before")
def descending_trace(block: EntryBlock) -> Mask:
    words = block.trace_words
    down = np.empty(len(words), np.bool_)
    np.less_equal(words[1:], words[:-1], out=down[1:])
    down[block.run.starts] = False
    if block.run.before is not None:
        down[0] = int(words[0]) <= block.run.before
    return down


@_rule("E25", "addenda_count", lambda block, places: _four(block.addenda_counts[places]))
def addenda_count(block: EntryBlock) -> Mask | None:
    if "addenda_count" not in block.record.by_name:
        return None
    mask: Mask = block.number("addenda_count") != block.addenda_counts
    return mask


def _four(counts: Ints) -> list[str]:
    return [f"{count:04d}" for count in counts]
