"""The code tables of the ACH network as data: SEC, transaction, return and correction codes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

AccountType = Literal["CHECKING", "SAVINGS", "LEDGER", "LOAN"]
Purpose = Literal["LIVE", "PRENOTE", "ZERO_DOLLAR", "RETURN"]
Direction = Literal["CREDIT", "DEBIT"]


@dataclass(frozen=True, slots=True)
class TransactionCode:
    code: str
    account_type: AccountType
    direction: Direction
    purpose: Purpose


_TENS: dict[AccountType, str] = {"CHECKING": "2", "SAVINGS": "3", "LEDGER": "4", "LOAN": "5"}
_UNITS: dict[str, tuple[Direction, Purpose]] = {
    "1": ("CREDIT", "RETURN"),
    "2": ("CREDIT", "LIVE"),
    "3": ("CREDIT", "PRENOTE"),
    "4": ("CREDIT", "ZERO_DOLLAR"),
    "6": ("DEBIT", "RETURN"),
    "7": ("DEBIT", "LIVE"),
    "8": ("DEBIT", "PRENOTE"),
    "9": ("DEBIT", "ZERO_DOLLAR"),
}


def _transaction_codes() -> dict[str, TransactionCode]:
    codes = {
        tens + units: TransactionCode(tens + units, account_type, direction, purpose)
        for account_type, tens in _TENS.items()
        for units, (direction, purpose) in _UNITS.items()
        if tens != "5" or units in "12346"
    }
    # A loan account is debited only to reverse a credit to it.
    codes["55"] = TransactionCode("55", "LOAN", "DEBIT", "LIVE")
    return codes


TRANSACTION_CODES = _transaction_codes()


def transaction_code(account_type: str, direction: Direction, purpose: Purpose = "LIVE") -> str:
    for known in TRANSACTION_CODES.values():
        if (known.account_type, known.direction, known.purpose) == (
            account_type,
            direction,
            purpose,
        ):
            return known.code
    raise KeyError(f"no {purpose} {direction} code for a {account_type} account")


def debit_code(account_type: str) -> str:
    return transaction_code(account_type, "DEBIT")


def credit_code(account_type: str) -> str:
    return transaction_code(account_type, "CREDIT")


def prenote_code(account_type: str, direction: Direction = "DEBIT") -> str:
    return transaction_code(account_type, direction, "PRENOTE")


def returned_code(code: str) -> str:
    """The code under which a return or correction of an entry with `code` travels."""
    known = TRANSACTION_CODES[code]
    return transaction_code(known.account_type, known.direction, "RETURN")


@dataclass(frozen=True, slots=True)
class SecCode:
    """`return_window`: days in which an unauthorised debit comes back, 2 banking or 60 calendar."""

    code: str
    meaning: str
    handled: bool
    most_addenda: int
    return_window: Literal["2", "60", ""]

    @property
    def consumer(self) -> bool:
        return self.return_window == "60"


# code | addenda at most | return window, or - where this product only reads it | meaning
_SECS = """
PPD|1|60|prearranged payment, authorized in writing
WEB|1|60|authorized on the internet or a mobile device
TEL|0|60|authorized by telephone
CCD|1|2|corporate payment
CTX|9999|2|corporate payment with remittance
COR|1||notification of change
ACK|1||acknowledgment of a CCD credit
ATX|9999||acknowledgment of a CTX credit
ADV|0|-|accounting advice
ARC|0|-|accounts receivable check
BOC|0|-|back office check
CIE|1|-|customer initiated
DNE|1|-|death notification
ENR|9999|-|automated enrolment
IAT|9999|-|international
MTE|1|-|machine transfer
POP|0|-|point of purchase check
POS|1|-|point of sale
RCK|0|-|re-presented check
SHR|1|-|shared network
TRC|0|-|check truncation
TRX|9999|-|check truncation exchange
XCK|0|-|destroyed check
"""


def _sec(code: str, most: str, window: str, meaning: str) -> SecCode:
    days: Literal["2", "60", ""] = "2" if window == "2" else "60" if window == "60" else ""
    return SecCode(code, meaning, window != "-", int(most), days)


SEC_CODES: dict[str, SecCode] = {row[:3]: _sec(*row.split("|")) for row in _SECS.split("\n") if row}

SERVICE_CLASSES = {
    "200": "mixed debits and credits",
    "220": "credits only",
    "225": "debits only",
    "280": "accounting advices",
}

# Descriptions that the Rules demand in upper case, left-justified.
RESERVED_DESCRIPTIONS = frozenset(
    ("REVERSAL", "RETRY PYMT", "RETURN FEE", "ACCTVERIFY", "PAYROLL", "PURCHASE")
)
# Reserved for uses that are none of ours: never a free description.
FOREIGN_DESCRIPTIONS = frozenset(
    ("NONSETTLED", "RECLAIM", "AUTOENROLL", "REDEPCHECK", "NO CHECK", "HCCLAIMPMT")
)


class ReturnClass(StrEnum):
    UNAUTHORISED = "UNAUTHORISED"
    ADMINISTRATIVE = "ADMINISTRATIVE"
    OTHER = "OTHER"
    NONE = "NONE"


Window = Literal["2", "5", "60", "OPERATOR", "AGREED", "OWN"]


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """`window`: banking days (2, 5) or calendar days (60) from settlement, or who decides."""

    code: str
    meaning: str
    window: Window
    rate: ReturnClass
    kind: Literal["RETURN", "DISHONORED", "CONTESTED"] = "RETURN"


_CLASSES = {
    "U": ReturnClass.UNAUTHORISED,
    "A": ReturnClass.ADMINISTRATIVE,
    "O": ReturnClass.OTHER,
    "-": ReturnClass.NONE,
}
_WINDOWS: dict[str, Window] = {
    "2": "2",
    "5": "5",
    "60": "60",
    "op": "OPERATOR",
    "agreed": "AGREED",
    "own": "OWN",
}

_RETURNS = """
R01|2|O|insufficient funds
R02|2|A|account closed
R03|2|A|no account, or the name does not match the number
R04|2|A|account number structure invalid
R05|60|U|corporate debit to a consumer account, not authorized
R06|agreed|O|returned at the ODFI's request
R07|60|U|authorization revoked by the consumer
R08|2|O|payment stopped
R09|2|O|uncollected funds
R10|60|U|originator unknown to the receiver or not authorized
R11|60|U|not in accordance with the terms of the authorization
R12|2|O|branch sold to another bank
R13|op|O|routing number not in ACH
R14|2|O|representative payee deceased
R15|2|O|beneficiary or account holder deceased
R16|2|O|account frozen, or entry returned on OFAC instruction
R17|2|O|entry criteria, or questionable circumstances
R18|op|O|improper effective entry date
R19|op|O|amount field error
R20|2|O|non-transaction account
R21|2|O|company identification invalid
R22|2|O|individual identification invalid
R23|2|-|credit refused by the receiver
R24|2|O|duplicate entry
R25|op|O|addenda error
R26|op|O|mandatory field error
R27|op|O|trace number error
R28|op|O|routing number check digit error
R29|2|U|corporate customer says not authorized
R30|op|O|RDFI not in the truncation programme
R31|agreed|O|permissible late return of a corporate entry
R32|op|O|RDFI cannot settle
R33|60|O|return of a destroyed check entry
R34|op|O|limited participation of the bank
R35|op|O|improper debit entry
R36|op|O|improper credit entry
R37|60|O|source document presented for payment
R38|60|O|stop payment on the source document
R39|2|O|improper source document
R40|2|-|enrolment returned by the agency
R41|2|-|enrolment: transaction code invalid
R42|2|-|enrolment: routing number or check digit error
R43|2|-|enrolment: account number invalid
R44|2|-|enrolment: individual identification invalid
R45|2|-|enrolment: individual name invalid
R46|2|-|enrolment: representative payee indicator invalid
R47|2|-|enrolment: duplicate
R50|2|O|state law affecting re-presented checks
R51|60|U|re-presented check ineligible
R52|60|O|stop payment on a re-presented check
R53|60|O|check and re-presented entry both presented
R61|5|-|misrouted return
R62|5|-|return of an erroneous or reversing debit
R67|5|-|duplicate return
R68|5|-|untimely return
R69|5|-|field error in the return
R70|5|-|permissible return not accepted
R71|2|-|misrouted dishonored return
R72|2|-|untimely dishonored return
R73|2|-|the original return was timely
R74|2|-|corrected return
R75|2|-|the return was not a duplicate
R76|2|-|no errors found
R77|2|-|R62 not accepted
R80|2|-|international coding error
R81|2|-|not a participant in international entries
R82|2|-|foreign receiving bank invalid
R83|2|-|foreign receiving bank cannot settle
R84|2|-|entry not processed by the gateway
R85|2|-|international entry coded as domestic
R90|own|O|sanctions (from 17 March 2028)
"""


def _kind(code: str) -> Literal["RETURN", "DISHONORED", "CONTESTED"]:
    if "R61" <= code <= "R70":
        return "DISHONORED"
    return "CONTESTED" if "R71" <= code <= "R77" else "RETURN"


RETURN_CODES: dict[str, ReturnCode] = {
    code: ReturnCode(code, meaning, _WINDOWS[window], _CLASSES[rate], _kind(code))
    for code, window, rate, meaning in (row.split("|") for row in _RETURNS.split("\n") if row)
}


CorrectionPart = Literal[
    "account",
    "routing",
    "name",
    "transaction_code",
    "individual_id",
    "foreign_bank",
    "sec_code",
]


@dataclass(frozen=True, slots=True)
class CorrectionCode:
    """`parts`: what changes, and where it stands inside the 29 characters of corrected data."""

    code: str
    meaning: str
    parts: tuple[tuple[CorrectionPart, int, int], ...] = ()
    refused: bool = False
    retired: bool = False


CORRECTION_CODES: dict[str, CorrectionCode] = {
    row.code: row
    for row in (
        CorrectionCode("C01", "account number", (("account", 1, 17),)),
        CorrectionCode("C02", "routing number", (("routing", 1, 9),)),
        CorrectionCode(
            "C03", "routing and account number", (("routing", 1, 9), ("account", 13, 29))
        ),
        CorrectionCode("C04", "individual or company name", (("name", 1, 22),)),
        CorrectionCode("C05", "transaction code", (("transaction_code", 1, 2),)),
        CorrectionCode(
            "C06",
            "account number and transaction code",
            (("account", 1, 17), ("transaction_code", 21, 22)),
        ),
        CorrectionCode(
            "C07",
            "routing number, account number and transaction code",
            (("routing", 1, 9), ("account", 10, 26), ("transaction_code", 27, 28)),
        ),
        CorrectionCode("C08", "foreign receiving bank", (("foreign_bank", 1, 29),)),
        CorrectionCode("C09", "individual identification number", (("individual_id", 1, 22),)),
        CorrectionCode("C10", "company name (retired)", retired=True),
        CorrectionCode("C11", "company identification (retired)", retired=True),
        CorrectionCode("C12", "company name and identification (retired)", retired=True),
        CorrectionCode("C13", "addenda format error"),
        CorrectionCode("C14", "must be sent as IAT", (("sec_code", 1, 3),)),
        CorrectionCode("C61", "refused: misrouted", refused=True),
        CorrectionCode("C62", "refused: trace number", refused=True),
        CorrectionCode("C63", "refused: company identification", refused=True),
        CorrectionCode("C64", "refused: individual identification", refused=True),
        CorrectionCode("C65", "refused: corrected data", refused=True),
        CorrectionCode("C66", "refused: discretionary data", refused=True),
        CorrectionCode("C67", "refused: routing number not from the entry", refused=True),
        CorrectionCode("C68", "refused: account number not from the entry", refused=True),
        CorrectionCode("C69", "refused: transaction code", refused=True),
    )
}
