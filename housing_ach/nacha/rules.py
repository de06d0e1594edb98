"""Every rule by its id: how grave it is and what it says. Where it looks is told where it is checked.

F framing, characters and order; H file header; B batch header; E entry; A addenda; C controls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "off"]


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    severity: Severity
    title: str


_TABLE = """
F01|error|this is not an ACH file
F02|warning|the line is shorter than 94 characters; read as if blanks followed
F03|warning|records are not separated by line ends; cut every 94 characters
F04|warning|lines end with a carriage return alone
F05|warning|the file starts with a byte order mark
F06|warning|the file ends with a DOS end-of-file character (0x1A)
F07|error|text beyond column 94
F08|warning|blanks beyond column 94
F09|warning|blank line between records
F10|error|unknown record type
F11|error|character outside printable ASCII
F12|error|record out of order
F13|error|the file header is missing
F14|error|the file control is missing
F15|error|the file has no batch
F17|warning|the last block is not filled up to ten records
F18|error|record after the file control
F20|warning|field is not left-justified
H01|error|priority code
H02|error|immediate destination is blank
H03|warning|immediate destination is not a valid routing number
H04|error|immediate origin is blank
H05|error|creation date is not a date
H06|error|creation time is not a time
H07|error|file id modifier must be A to Z or 0 to 9
H08|error|record size
H09|error|blocking factor
H10|error|format code
B01|error|service class is not known
B02|error|company name must not be blank or zeros
B03|error|company id must not be blank or zeros
B04|error|SEC code is not known
B05|error|entry description must not be blank or zeros
B06|error|effective date is not a date
B07|warning|no effective date: the operator settles at the earliest chance
B08|error|settlement day is not a day of the year
B09|error|originator status does not fit
B10|error|ODFI identification
B11|error|batch number
B12|error|batch numbers must ascend
B13|warning|SEC code is read, but not processed by this product
B14|error|international entries (IAT) are refused
B15|error|reserved description must be in upper case
B16|error|the batch has no entry
E01|error|transaction code is not known
E02|error|transaction code does not fit the service class
E03|error|transaction code does not fit the SEC code
E04|error|routing number
E05|error|check digit of the routing number
E06|error|account number must not be blank
E07|error|amount
E08|error|amount of a live entry must not be zero
E09|error|amount must be zero
E10|error|name must not be blank
E11|error|payment type of a WEB or TEL entry must be S or R
E12|error|addenda indicator must be 0 or 1
E13|error|an addenda follows, but the indicator is 0
E14|error|the indicator is 1, but no addenda follows
E15|error|trace number
E16|error|trace number does not start with the ODFI of its batch
E17|error|trace numbers must ascend within a batch
E18|error|trace number is already used in another batch
E19|error|forward, return, dishonored and contested entries are mixed in a batch
E20|warning|transaction code of a return or correction must end in 1 or 6
E22|error|code 55 only reverses a credit to a loan account
E24|warning|blank inside the account number
E25|error|addenda count of a CTX or ATX entry
E26|error|original trace number of an acknowledgment
E27|error|a return or correction code needs a 99 or 98 addenda
A01|error|addenda does not belong to an entry
A02|error|addenda type does not fit the SEC code
A03|error|addenda sequence numbers must count from 1
A04|error|addenda does not name its entry
A05|error|more addenda than the SEC code allows
A06|warning|correction code is not known
A07|warning|return code is not known
A08|error|original trace number
A09|error|original RDFI
A10|warning|trace number differs from its entry
A11|warning|date of death is not a date
A12|warning|field of a dishonored or contested return, or of a refused correction
A13|warning|corrected data cannot be read
C01|error|the batch has no control
C02|error|service class differs from the batch header
C03|error|entry and addenda count of the batch
C04|error|entry hash of the batch
C05|error|total debit of the batch
C06|error|total credit of the batch
C07|error|company id differs from the batch header
C08|error|ODFI differs from the batch header
C09|error|batch number differs from the batch header
C10|error|reserved field of the batch control
C11|error|batch count of the file
C12|error|block count of the file
C13|error|entry and addenda count of the file
C14|error|entry hash of the file
C15|error|total debit of the file
C16|error|total credit of the file
C17|error|reserved field of the file control
"""

RULES: dict[str, Rule] = {}
for _id, _severity, _title in (_row.split("|") for _row in _TABLE.split("\n") if _row):
    RULES[_id] = Rule(_id, "error" if _severity == "error" else "warning", _title)


class UnknownRule(ValueError):
    """A bank profile names a rule, or a severity, that does not exist."""


def severities(profile: Mapping[str, str] | None) -> dict[str, Severity]:
    """What each rule weighs once the bank's profile has spoken."""
    chosen: dict[str, Severity] = {rule.id: rule.severity for rule in RULES.values()}
    for rule_id, severity in (profile or {}).items():
        if rule_id not in RULES:
            raise UnknownRule(f"there is no rule {rule_id}")
        match severity:
            case "error" | "warning" | "off":
                chosen[rule_id] = severity
            case _:
                raise UnknownRule(f"{rule_id} can be error, warning or off, not {severity}")
    return chosen
