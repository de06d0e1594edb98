"""What to write: a file of batches of entries, as columns or one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from housing_ach.nacha.addenda import LAYOUTS
from housing_ach.nacha.codes import RETURN_CODES
from housing_ach.nacha.dates import yymmdd
from housing_ach.nacha.digits import Ints
from housing_ach.nacha.layout import (
    ADDENDA_05,
    ADDENDA_98,
    ADDENDA_99,
    ADDENDA_99_CONTESTED,
    ADDENDA_99_DISHONORED,
    Record,
)

Texts = NDArray[np.bytes_] | NDArray[np.str_]
TextsOrInts = Texts | Ints


@dataclass(frozen=True)
class RawAddenda:
    """An addenda of any layout. Its trace, where it has one, is its entry's unless told."""

    layout: Record
    values: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(f"{self.layout.name} is no addenda")


Addendum = str | RawAddenda


def payment_addenda(text: str) -> RawAddenda:
    return RawAddenda(ADDENDA_05, {"payment_information": text})


def return_addenda(
    code: str,
    *,
    original_trace: str,
    original_rdfi: str,
    information: str = "",
    date_of_death: date | None = None,
) -> RawAddenda:
    values = {
        "return_code": code,
        "original_trace": original_trace,
        "date_of_death": yymmdd(date_of_death),
        "original_rdfi": original_rdfi,
        "information": information,
    }
    return RawAddenda(ADDENDA_99, values)


def correction_addenda(
    code: str, *, original_trace: str, original_rdfi: str, corrected_data: str
) -> RawAddenda:
    values = {
        "change_code": code,
        "original_trace": original_trace,
        "original_rdfi": original_rdfi,
        "corrected_data": corrected_data,
    }
    return RawAddenda(ADDENDA_98, values)


def disputed_addenda(code: str, values: Mapping[str, str]) -> RawAddenda:
    """A dishonored (R61 to R70) or contested (R71 to R77) return; `values` by layout name."""
    if RETURN_CODES[code].kind == "DISHONORED":
        return RawAddenda(ADDENDA_99_DISHONORED, {"dishonored_code": code, **values})
    return RawAddenda(ADDENDA_99_CONTESTED, {"contested_code": code, **values})


@dataclass(frozen=True, kw_only=True)
class EntrySpec:
    """`individual_id` also holds the original trace of an ACK or ATX entry."""

    transaction_code: str
    routing: str
    account: str = field(repr=False)
    cents: int
    individual_id: str = ""
    name: str
    discretionary: str = ""
    trace: str
    addenda: Sequence[Addendum] = ()


# What NumPy kind a column may be; account numbers and names are text, whatever they look like.
_KINDS = {"cents": "iu", "transaction_code": "iuSU", "routing": "iuSU", "trace": "iuSU"}


@dataclass(frozen=True, kw_only=True)
class EntryColumns:
    """The same, an array a field: bytes (S) or text (U); codes, routing and traces also as int."""

    transaction_code: TextsOrInts
    routing: TextsOrInts
    account: Texts = field(repr=False)
    cents: Ints
    individual_id: Texts
    name: Texts
    trace: TextsOrInts
    discretionary: Texts | None = None
    addenda: Sequence[Sequence[Addendum]] | None = None

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.arrays.values()}
        if self.addenda is not None:
            lengths.add(len(self.addenda))
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        for name, column in self.arrays.items():
            if column.dtype.kind not in _KINDS.get(name, "SU"):
                raise ValueError(f"{name} cannot be a column of {column.dtype}")

    def __len__(self) -> int:
        return len(self.cents)

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        discretionary = self.discretionary
        if discretionary is None:
            discretionary = np.zeros(len(self.cents), "S2")
        return {
            "transaction_code": self.transaction_code,
            "routing": self.routing,
            "account": self.account,
            "cents": self.cents,
            "individual_id": self.individual_id,
            "name": self.name,
            "discretionary": discretionary,
            "trace": self.trace,
        }

    @classmethod
    def of(cls, entries: Sequence[EntrySpec]) -> "EntryColumns":
        def texts(name: str) -> NDArray[np.str_]:
            return np.array([getattr(entry, name) for entry in entries], np.str_)

        has_addenda = any(entry.addenda for entry in entries)
        return cls(
            transaction_code=texts("transaction_code"),
            routing=texts("routing"),
            account=texts("account"),
            cents=np.array([entry.cents for entry in entries], np.int64),
            individual_id=texts("individual_id"),
            name=texts("name"),
            discretionary=texts("discretionary"),
            trace=texts("trace"),
            addenda=[entry.addenda for entry in entries] if has_addenda else None,
        )


@dataclass(frozen=True, kw_only=True)
class BatchSpec:
    """`settlement_day` is the operator's to fill: only a bank that sends files to us sets it."""

    service_class: str
    company_name: str
    company_id: str
    sec_code: str
    description: str
    descriptive_date: str = ""
    effective_on: date | None
    odfi: str
    number: int
    entries: EntryColumns | Sequence[EntrySpec] = field(repr=False)
    discretionary_data: str = ""
    settlement_day: int | None = None
    originator_status: str = "1"

    @property
    def columns(self) -> EntryColumns:
        if isinstance(self.entries, EntryColumns):
            return self.entries
        return EntryColumns.of(self.entries)


@dataclass(frozen=True, kw_only=True)
class FileSpec:
    """A nine-digit destination or origin gets the blank the format wants before it."""

    immediate_destination: str
    immediate_origin: str
    creation_on: date
    creation_time: str = ""
    modifier: str = "A"
    destination_name: str = ""
    origin_name: str = ""
    reference: str = ""
    batches: Sequence[BatchSpec]
