"""Records as objects, made only for the rows somebody asks for."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from housing_ach.nacha.codes import RETURN_CODES
from housing_ach.nacha.corrections import Corrected, read_corrected
from housing_ach.nacha.dates import date_of
from housing_ach.nacha.layout import ADDENDA_05, FILE_HEADER, Record
from housing_ach.nacha.masking import mask_account

ReturnKind = Literal["RETURN", "DISHONORED", "CONTESTED"]


def cut(record: Record, line: str) -> dict[str, str]:
    return {field.name: line[field.columns] for field in record.fields}


@dataclass(frozen=True, slots=True)
class FileHeader:
    immediate_destination: str
    immediate_origin: str
    creation_on: date | None
    creation_time: str
    modifier: str
    destination_name: str
    origin_name: str
    reference: str

    @classmethod
    def of(cls, line: str) -> "FileHeader":
        text = cut(FILE_HEADER, line)
        return cls(
            immediate_destination=text["immediate_destination"].strip(),
            immediate_origin=text["immediate_origin"].strip(),
            creation_on=date_of(text["creation_date"]),
            creation_time=text["creation_time"].strip(),
            modifier=text["file_id_modifier"],
            destination_name=text["destination_name"].rstrip(),
            origin_name=text["origin_name"].rstrip(),
            reference=text["reference"].rstrip(),
        )


@dataclass(frozen=True, slots=True)
class ReturnAddenda:
    """`return_trace` is the return a dishonored or contested return answers to."""

    kind: ReturnKind
    code: str
    original_trace: str
    original_rdfi: str
    date_of_death: date | None
    information: str
    trace: str
    return_trace: str = ""
    dishonored_trace: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionAddenda:
    code: str
    original_trace: str
    original_rdfi: str
    corrected_data: str = field(repr=False)
    refused_code: str
    trace: str
    changes: dict[str, str] = field(repr=False)
    unreadable: str


@dataclass(frozen=True, slots=True)
class Addenda:
    type_code: str
    line: int
    text: str = field(repr=False)
    layout: Record = field(repr=False)

    @property
    def payment_information(self) -> str:
        return self.text[ADDENDA_05["payment_information"].columns].rstrip()

    @property
    def fields(self) -> dict[str, str]:
        return cut(self.layout, self.text)


def return_of(addenda: Addenda) -> ReturnAddenda | None:
    if addenda.type_code != "99":
        return None
    text = addenda.fields
    code = addenda.text[3:6]
    known = RETURN_CODES.get(code)
    return ReturnAddenda(
        kind=known.kind if known else "RETURN",
        code=code,
        original_trace=text["original_trace"],
        original_rdfi=text["original_rdfi"],
        date_of_death=date_of(text.get("date_of_death", "")),
        information=text.get("information", "").rstrip(),
        trace=text["trace"],
        return_trace=text.get("return_trace", ""),
        dishonored_trace=text.get("dishonored_trace", ""),
    )


def correction_of(addenda: Addenda) -> CorrectionAddenda | None:
    if addenda.type_code != "98":
        return None
    text = addenda.fields
    refused = text.get("refused_code", "")
    code = text["change_code"]
    data = text["corrected_data"]
    corrected = Corrected() if refused else read_corrected(code, data)
    return CorrectionAddenda(
        code=code,
        original_trace=text["original_trace"],
        original_rdfi=text["original_rdfi"],
        corrected_data=data.rstrip(),
        refused_code=refused,
        trace=text["trace"],
        changes=corrected.changes,
        unreadable=corrected.unreadable,
    )


@dataclass(frozen=True)
class Entry:
    transaction_code: str
    routing: str
    account: str = field(repr=False)
    cents: int
    individual_id: str
    name: str
    discretionary: str
    trace: str
    line: int
    batch: int
    addenda: tuple[Addenda, ...] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.trace} {self.transaction_code} {mask_account(self.account)}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.account)

    @cached_property
    def return_info(self) -> ReturnAddenda | None:
        """The last 99 addenda: a contested return tells its whole story, the newest line last."""
        found = [told for addenda in self.addenda if (told := return_of(addenda))]
        return found[-1] if found else None

    @cached_property
    def correction(self) -> CorrectionAddenda | None:
        found = [told for addenda in self.addenda if (told := correction_of(addenda))]
        return found[-1] if found else None
