"""The batch headers as columns, with what each batch demands of its entries."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from housing_ach.nacha import kinds
from housing_ach.nacha.block import Block, Mask, Scratch, is_empty
from housing_ach.nacha.codes import SEC_CODES
from housing_ach.nacha.digits import Bytes, Ints, Words
from housing_ach.nacha.framing import CHUNK, Frame
from housing_ach.nacha.kinds import Kinds
from housing_ach.nacha.layout import BATCH_HEADER
from housing_ach.nacha.structure import Structure

SECS = (*SEC_CODES, "")
UNKNOWN_SEC = len(SEC_CODES)
_SHIFTS = np.array([1 << 16, 1 << 8, 1], np.int64)


def _packed_sec(content: Bytes) -> Ints:
    packed: Ints = content.astype(np.int64) @ _SHIFTS
    return packed


_PACKED = _packed_sec(np.array([list(code.encode()) for code in SEC_CODES], np.uint8))
_ORDER = np.argsort(_PACKED)


def sec_index(content: Bytes) -> Ints:
    """The place of each SEC code in SECS; unknown ones get the last."""
    if len(content) > 1 and (content == content[0]).all():  # as in most files
        return np.repeat(sec_index(content[:1]), len(content))
    packed = _packed_sec(content)
    place = np.searchsorted(_PACKED, packed, sorter=_ORDER)
    found = _ORDER.take(place, mode="clip")
    index: Ints = np.where(_PACKED[found] == packed, found, UNKNOWN_SEC)
    return index


def _by_sec(values: list[int]) -> Ints:
    return np.array(values, np.int64)


_REFUSED = _by_sec([kinds.REFUSED_BY_SEC.get(sec, 0) for sec in SECS])
_VARIANT = _by_sec([kinds.variant_of(sec) for sec in SECS])
_MOST_ADDENDA = _by_sec([SEC_CODES[sec].most_addenda if sec else 9999 for sec in SECS])
_ZERO_BITS = _by_sec([kinds.ZERO | (kinds.RETURNS if sec == "COR" else 0) for sec in SECS])
_TEL, _WEB = SECS.index("TEL"), SECS.index("WEB")


@dataclass
class BatchTable:
    """One row a batch, and one more at the end (index -1) for entries that are in no batch."""

    shape: Structure
    sec: Ints
    service_class: Ints
    number: Ints
    odfi: Words
    odfi_known: Bytes
    refused_by_class: Kinds
    refused_by_sec: Kinds
    zero_bits: Kinds
    loan_debit_bits: Kinds
    variant: Ints
    most_addenda: Ints
    hash: Ints
    debit_cents: Ints
    credit_cents: Ints
    unsure: Bytes  # an amount or routing number of the batch could not be read

    @cached_property
    def wants_payment_type(self) -> Bytes:
        wanted: Bytes = ((self.sec == _WEB) | (self.sec == _TEL)).astype(np.uint8)
        return wanted


def _joined(parts: list[Ints], last: int) -> Ints:
    return np.concatenate([*parts, np.array([last])]).astype(np.int64)


class HeaderBlock(Block):
    """Batch headers, with what several rules ask of them."""

    @cached_property
    def sec(self) -> Ints:
        return sec_index(self.field("sec_code"))

    @cached_property
    def no_date(self) -> Mask:
        return is_empty(self.field("effective_date"))


def table_of(
    frame: Frame, shape: Structure, scratch: Scratch, inspect: Callable[[HeaderBlock], None]
) -> BatchTable:
    """`inspect` sees each block of headers while it lies in the cache."""
    secs, classes, numbers, odfis, known, reversals = [], [], [], [], [], []
    for first in range(0, len(shape.headers), CHUNK):
        block = HeaderBlock(BATCH_HEADER, frame, shape.headers[first : first + CHUNK], scratch)
        inspect(block)
        secs.append(block.sec)
        classes.append(block.number("service_class"))
        numbers.append(block.number("batch_number"))
        odfis.append(block.words(BATCH_HEADER["odfi"].start).view(np.int64))
        wrong = block.misfit("odfi")
        known.append(np.ones(len(block), np.int64) if wrong is None else (~wrong).astype(np.int64))
        word = np.frombuffer(b"REVERSAL  ", np.uint8)
        reversals.append((block.field("description") == word).all(axis=1).astype(np.int64))
    sec, service_class = _joined(secs, UNKNOWN_SEC), _joined(classes, 200)
    count = len(sec)
    refused = np.zeros(1000, np.uint16)
    for known_class, bits in kinds.REFUSED_BY_CLASS.items():
        refused[known_class] = bits
    reversal = _joined(reversals, 0) == 1
    by_sec = _REFUSED[sec]
    by_sec[(sec == _TEL) & reversal] = kinds.REFUSED_BY_SEC["PPD"]
    return BatchTable(
        shape=shape,
        sec=sec,
        service_class=service_class,
        number=_joined(numbers, 0),
        odfi=_joined(odfis, 0).view(np.uint64),
        odfi_known=_joined(known, 0).astype(np.uint8),
        refused_by_class=refused.take(service_class, mode="clip"),
        refused_by_sec=by_sec.astype(np.uint16),
        zero_bits=_ZERO_BITS[sec].astype(np.uint16),
        loan_debit_bits=np.where(reversal, 0, kinds.LOAN_DEBIT).astype(np.uint16),
        variant=_VARIANT[sec],
        most_addenda=_MOST_ADDENDA[sec],
        hash=np.zeros(count, np.int64),
        debit_cents=np.zeros(count, np.int64),
        credit_cents=np.zeros(count, np.int64),
        unsure=np.zeros(count, np.uint8),
    )
