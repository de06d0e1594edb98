"""What must hold of file headers and batch headers."""

from collections.abc import Sequence

import numpy as np

from housing_ach.nacha.batch_table import SECS, UNKNOWN_SEC, HeaderBlock
from housing_ach.nacha.block import Block, Mask, Scratch, half_filled, is_blank, is_empty
from housing_ach.nacha.checks import Checks
from housing_ach.nacha.codes import RESERVED_DESCRIPTIONS, SEC_CODES, SERVICE_CLASSES
from housing_ach.nacha.dates import are_dates
from housing_ach.nacha.digits import Ints, valid_routing
from housing_ach.nacha.framing import Frame
from housing_ach.nacha.issues import Findings
from housing_ach.nacha.layout import BLANK, FILE_HEADER
from housing_ach.nacha.structure import NONE, Structure

FILE_CHECKS: Checks[Block] = Checks()
BATCH_CHECKS: Checks[HeaderBlock] = Checks()
_file, _batch = FILE_CHECKS.rule, BATCH_CHECKS.rule
_MODIFIERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", np.uint8)
_CLASSES = np.isin(np.arange(1000), [int(code) for code in SERVICE_CLASSES])
_HANDLED = np.array([sec == "" or SEC_CODES[sec].handled for sec in SECS])
_IAT, _ADV = SECS.index("IAT"), SECS.index("ADV")


def _texts(block: Block, name: str) -> list[str]:
    return [row.tobytes().decode("latin-1") for row in block.field(name)]


@_file("H02", "immediate_destination")
def blank_destination(block: Block) -> Mask:
    return is_blank(block.field("immediate_destination"))


@_file("H03", "immediate_destination", "a blank and a valid routing number")
def no_routing_number(block: Block) -> Mask:
    """Some banks assign their own ten characters, so this is a warning a profile can raise."""
    texts = _texts(block, "immediate_destination")
    return np.array([not (text[0] == " " and valid_routing(text[1:])) for text in texts])


@_file("H04", "immediate_origin")
def blank_origin(block: Block) -> Mask:
    return is_blank(block.field("immediate_origin"))


@_file("H05", "creation_date", "YYMMDD")
def no_creation_date(block: Block) -> Mask:
    return ~are_dates(block.field("creation_date"))


@_file("H06", "creation_time", "HHMM")
def no_creation_time(block: Block) -> Mask:
    texts = _texts(block, "creation_time")
    return np.array([text.isdigit() and (text[:2] > "23" or text[2:] > "59") for text in texts])


@_file("H07", "file_id_modifier", "A to Z or 0 to 9")
def strange_modifier(block: Block) -> Mask:
    return ~np.isin(block.field("file_id_modifier")[:, 0], _MODIFIERS)


@_batch("B01", "service_class", ", ".join(SERVICE_CLASSES))
def unknown_class(block: HeaderBlock) -> Mask:
    return ~_CLASSES.take(block.number("service_class"), mode="clip")


@_batch("B02", "company_name")
def empty_company_name(block: HeaderBlock) -> Mask:
    return is_empty(block.field("company_name"))


@_batch("B03", "company_id")
def empty_company_id(block: HeaderBlock) -> Mask:
    return is_empty(block.field("company_id"))


@_batch("B04", "sec_code", "a known SEC code in upper case")
def unknown_sec(block: HeaderBlock) -> Mask:
    mask: Mask = block.sec == UNKNOWN_SEC
    return mask


@_batch("B05", "description")
def empty_description(block: HeaderBlock) -> Mask:
    return is_empty(block.field("description"))


@_batch("B06", "effective_date", "YYMMDD")
def no_effective_date(block: HeaderBlock) -> Mask:
    content = block.field("effective_date")
    return ~block.no_date & ~half_filled(content) & ~are_dates(content)


@_batch("B07", "effective_date", "YYMMDD")
def missing_effective_date(block: HeaderBlock) -> Mask:
    return block.no_date & ~half_filled(block.field("effective_date"))


@_batch("B08", "settlement_day", "001 to 366")
def impossible_settlement_day(block: HeaderBlock) -> Mask | None:
    content = block.field("settlement_day")
    if (content == BLANK).all():
        return None
    days = block.number("settlement_day")
    return ~is_blank(content) & ~half_filled(content) & ((days < 1) | (days > 366))


@_batch("B09", "originator_status", "1, or 2 for a federal agency")
def strange_status(block: HeaderBlock) -> Mask:
    status = block.number("originator_status")
    advice = block.sec == _ADV
    mask: Mask = (status != 1) & (status != 2) & ~((status == 0) & advice)
    return mask


@_batch("B12", "batch_number", "more than the one before")
def descending_number(block: HeaderBlock) -> Mask:
    numbers = block.number("batch_number")
    return np.append(False, numbers[1:] <= numbers[:-1])


@_batch("B13", "sec_code")
def not_processed(block: HeaderBlock) -> Mask:
    index = block.sec
    mask: Mask = ~_HANDLED[index] & (index != _IAT)
    return mask


@_batch("B14", "sec_code")
def international(block: HeaderBlock) -> Mask:
    mask: Mask = block.sec == _IAT
    return mask


def _upper(block: HeaderBlock, places: Ints) -> Sequence[str]:
    texts = _texts(block, "description")
    return [texts[place].upper() for place in places]


@_batch("B15", "description", _upper)
def reserved_in_lower_case(block: HeaderBlock) -> Mask:
    content = block.field("description")
    lower = (content >= ord("a")) & (content <= ord("z"))
    mask: Mask = np.logical_or.reduce(lower, axis=1)
    for place in np.flatnonzero(mask):
        text = content[place].tobytes().decode("latin-1").rstrip()
        mask[place] = text.upper() in RESERVED_DESCRIPTIONS
    return mask


def check_file_header(frame: Frame, shape: Structure, findings: Findings, scratch: Scratch) -> None:
    if shape.header != NONE:
        row = np.array([shape.header])
        FILE_CHECKS.run(Block(FILE_HEADER, frame, row, scratch), findings)
