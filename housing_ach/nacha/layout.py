"""The one table of the file format: where each field stands and what may stand there.

The reader, the rules, the writer, the messages and docs/codec.md all walk this table.
Positions count from 1, as the Nacha Operating Rules do (Appendix Three).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

WIDTH = 94
BLOCKING = 10

Kind = Literal[
    "fixed",  # exactly `text`
    "digits",  # zero-filled, never blank
    "optional",  # all digits, or all blank
    "text",  # printable, left-justified, may be blank
    "required",  # printable, left-justified, never blank
    "blank",
]
BLANK, LOW, HIGH = 0x20, 0x20, 0x7E
_RANGES = {
    "digits": (0x30, 0x39),
    "optional": (BLANK, 0x39),
    "blank": (BLANK, BLANK),
    "text": (LOW, HIGH),
    "required": (LOW, HIGH),
}
# A correction names a new account number in its corrected data.
SENSITIVE = frozenset(("account", "corrected_data"))


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    start: int
    width: int
    kind: Kind
    rule: str
    text: str = ""
    sensitive: bool = False

    @property
    def end(self) -> int:
        return self.start + self.width - 1

    @property
    def columns(self) -> slice:
        return slice(self.start - 1, self.start - 1 + self.width)

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """The lowest and highest byte each column may hold, so that one comparison finds any misfit."""
        if self.kind == "fixed":
            return [(ord(char), ord(char)) for char in self.text]
        pairs = [_RANGES[self.kind]] * self.width
        if self.kind == "required":
            pairs[0] = (LOW + 1, HIGH)
        return pairs

    @property
    def wants(self) -> str:
        return {
            "fixed": f"'{self.text}'",
            "digits": f"{self.width} digits",
            "optional": f"{self.width} digits or blanks",
            "text": "printable ASCII",
            "required": "left-justified text, not blank",
            "blank": "blanks",
        }[self.kind]


@dataclass(frozen=True)
class Record:
    name: str
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def optional(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.kind == "optional")

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        return [pair for field in self.fields for pair in field.bounds]


def _record(
    name: str, *rows: tuple[str, int, Kind, str] | tuple[str, int, Kind, str, str]
) -> Record:
    fields, at = [], 1
    for row in rows:
        field = Field(row[0], at, row[1], row[2], row[3], "".join(row[4:]), row[0] in SENSITIVE)
        assert field.kind != "fixed" or len(field.text) == field.width, row
        fields.append(field)
        at += field.width
    assert at == WIDTH + 1, f"{name} is {at - 1} wide"
    return Record(name, tuple(fields))


FILE_HEADER = _record(
    "file_header",
    ("record_type", 1, "fixed", "F10", "1"),
    ("priority", 2, "fixed", "H01", "01"),
    ("immediate_destination", 10, "text", "F11"),
    ("immediate_origin", 10, "text", "F11"),
    ("creation_date", 6, "digits", "H05"),
    ("creation_time", 4, "optional", "H06"),
    ("file_id_modifier", 1, "required", "H07"),
    ("record_size", 3, "fixed", "H08", "094"),
    ("blocking_factor", 2, "fixed", "H09", "10"),
    ("format_code", 1, "fixed", "H10", "1"),
    ("destination_name", 23, "text", "F11"),
    ("origin_name", 23, "text", "F11"),
    ("reference", 8, "text", "F11"),
)

BATCH_HEADER = _record(
    "batch_header",
    ("record_type", 1, "fixed", "F10", "5"),
    ("service_class", 3, "digits", "B01"),
    ("company_name", 16, "required", "B02"),
    ("discretionary_data", 20, "text", "F11"),
    ("company_id", 10, "text", "F11"),
    ("sec_code", 3, "required", "B04"),
    ("description", 10, "required", "B05"),
    ("descriptive_date", 6, "text", "F11"),
    ("effective_date", 6, "optional", "B06"),
    ("settlement_day", 3, "optional", "B08"),
    ("originator_status", 1, "digits", "B09"),
    ("odfi", 8, "digits", "B10"),
    ("batch_number", 7, "digits", "B11"),
)

ENTRY = _record(
    "entry",
    ("record_type", 1, "fixed", "F10", "6"),
    ("transaction_code", 2, "digits", "E01"),
    ("routing", 8, "digits", "E04"),
    ("check_digit", 1, "digits", "E05"),
    ("account", 17, "required", "E06"),
    ("amount", 10, "digits", "E07"),
    ("individual_id", 15, "text", "F11"),
    ("name", 22, "required", "E10"),
    ("discretionary", 2, "text", "F11"),
    ("addenda_indicator", 1, "digits", "E12"),
    ("trace", 15, "digits", "E15"),
)

_CTX_TAIL = ENTRY.fields[8:]
ENTRY_CTX = Record(
    "entry",
    (
        *ENTRY.fields[:7],
        Field("addenda_count", 55, 4, "digits", "E25"),
        Field("name", 59, 16, "required", "E10"),
        Field("reserved", 75, 2, "text", "F11"),
        *_CTX_TAIL,
    ),
)
# IAT keeps an account number where others keep id and name: both are hidden.
ENTRY_OTHER = Record(
    "entry",
    (
        *ENTRY.fields[:4],
        Field("account", 13, 17, "text", "F11", sensitive=True),
        ENTRY.fields[5],
        Field("individual_id", 40, 15, "text", "F11", sensitive=True),
        Field("name", 55, 22, "text", "F11", sensitive=True),
        *_CTX_TAIL,
    ),
)
ENTRY_ACK = Record(
    "entry",
    (
        *ENTRY.fields[:6],
        Field("original_trace", 40, 15, "digits", "E26"),
        *ENTRY.fields[7:],
    ),
)

ADDENDA_05 = _record(
    "addenda_05",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "fixed", "A02", "05"),
    ("payment_information", 80, "text", "F11"),
    ("sequence", 4, "digits", "A03"),
    ("entry_sequence", 7, "digits", "A04"),
)

ADDENDA_98 = _record(
    "addenda_98",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "fixed", "A02", "98"),
    ("change_code", 3, "required", "A06"),
    ("original_trace", 15, "digits", "A08"),
    ("reserved_1", 6, "text", "F11"),
    ("original_rdfi", 8, "digits", "A09"),
    ("corrected_data", 29, "text", "F11"),
    ("reserved_2", 15, "text", "F11"),
    ("trace", 15, "digits", "A10"),
)

ADDENDA_98_REFUSED = _record(
    "addenda_98_refused",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "fixed", "A02", "98"),
    ("refused_code", 3, "required", "A06"),
    ("original_trace", 15, "digits", "A08"),
    ("reserved_1", 6, "text", "F11"),
    ("original_rdfi", 8, "digits", "A09"),
    ("corrected_data", 29, "text", "F11"),
    ("change_code", 3, "required", "A12"),
    ("correction_sequence", 7, "digits", "A12"),
    ("reserved_2", 5, "text", "F11"),
    ("trace", 15, "digits", "A10"),
)

ADDENDA_99 = _record(
    "addenda_99",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "fixed", "A02", "99"),
    ("return_code", 3, "required", "A07"),
    ("original_trace", 15, "digits", "A08"),
    ("date_of_death", 6, "optional", "A11"),
    ("original_rdfi", 8, "digits", "A09"),
    ("information", 44, "text", "F11"),
    ("trace", 15, "digits", "A10"),
)

ADDENDA_99_DISHONORED = _record(
    "addenda_99_dishonored",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "fixed", "A02", "99"),
    ("dishonored_code", 3, "required", "A07"),
    ("original_trace", 15, "digits", "A08"),
    ("reserved_1", 6, "text", "F11"),
    ("original_rdfi", 8, "digits", "A09"),
    ("reserved_2", 3, "text", "F11"),
    ("return_trace", 15, "digits", "A12"),
    ("return_settlement_day", 3, "optional", "A12"),
    ("return_code", 2, "digits", "A12"),
    ("information", 21, "text", "F11"),
    ("trace", 15, "digits", "A10"),
)

ADDENDA_99_CONTESTED = _record(
    "addenda_99_contested",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "fixed", "A02", "99"),
    ("contested_code", 3, "required", "A07"),
    ("original_trace", 15, "digits", "A08"),
    ("date_returned", 6, "optional", "A12"),
    ("original_rdfi", 8, "digits", "A09"),
    ("original_settlement_day", 3, "optional", "A12"),
    ("return_trace", 15, "digits", "A12"),
    ("return_settlement_day", 3, "optional", "A12"),
    ("return_code", 2, "digits", "A12"),
    ("dishonored_trace", 15, "digits", "A12"),
    ("dishonored_settlement_day", 3, "optional", "A12"),
    ("dishonored_code", 2, "digits", "A12"),
    ("reserved", 1, "text", "F11"),
    ("trace", 15, "digits", "A10"),
)

ADDENDA_OTHER = _record(
    "addenda",
    ("record_type", 1, "fixed", "F10", "7"),
    ("type_code", 2, "digits", "A02"),
    ("content", 91, "text", "F11"),
)

BATCH_CONTROL = _record(
    "batch_control",
    ("record_type", 1, "fixed", "F10", "8"),
    ("service_class", 3, "digits", "C02"),
    ("entry_addenda_count", 6, "digits", "C03"),
    ("entry_hash", 10, "digits", "C04"),
    ("total_debit", 12, "digits", "C05"),
    ("total_credit", 12, "digits", "C06"),
    ("company_id", 10, "text", "F11"),
    ("message_authentication_code", 19, "text", "F11"),
    ("reserved", 6, "blank", "C10"),
    ("odfi", 8, "digits", "C08"),
    ("batch_number", 7, "digits", "C09"),
)

FILE_CONTROL = _record(
    "file_control",
    ("record_type", 1, "fixed", "F10", "9"),
    ("batch_count", 6, "digits", "C11"),
    ("block_count", 6, "digits", "C12"),
    ("entry_addenda_count", 8, "digits", "C13"),
    ("entry_hash", 10, "digits", "C14"),
    ("total_debit", 12, "digits", "C15"),
    ("total_credit", 12, "digits", "C16"),
    ("reserved", 39, "blank", "C17"),
)

FILLER = _record("filler", ("filler", WIDTH, "fixed", "F12", "9" * WIDTH))
UNKNOWN = _record("unknown", ("record_type", 1, "text", "F10"), ("content", 93, "text", "F11"))

ADDENDA = (
    ADDENDA_05,
    ADDENDA_98,
    ADDENDA_98_REFUSED,
    ADDENDA_99,
    ADDENDA_99_DISHONORED,
    ADDENDA_99_CONTESTED,
    ADDENDA_OTHER,
)
RECORDS = (
    FILE_HEADER,
    BATCH_HEADER,
    ENTRY,
    ENTRY_CTX,
    ENTRY_ACK,
    ENTRY_OTHER,
    *ADDENDA,
    BATCH_CONTROL,
    FILE_CONTROL,
    FILLER,
    UNKNOWN,
)
assert all(sum(field.width for field in record.fields) == WIDTH for record in RECORDS)
assert all(len(record.bounds) == WIDTH for record in RECORDS)
