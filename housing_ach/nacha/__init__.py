"""The ACH codec: reads, checks and writes NACHA files. Plain Python and NumPy: no clock, no I/O."""

from housing_ach.nacha.codes import (
    CORRECTION_CODES,
    FOREIGN_DESCRIPTIONS,
    RESERVED_DESCRIPTIONS,
    RETURN_CODES,
    SEC_CODES,
    SERVICE_CLASSES,
    TRANSACTION_CODES,
    CorrectionCode,
    ReturnClass,
    ReturnCode,
    SecCode,
    TransactionCode,
    credit_code,
    debit_code,
    prenote_code,
    returned_code,
    transaction_code,
)
from housing_ach.nacha.corrections import Corrected, read_corrected
from housing_ach.nacha.dates import settlement_date
from housing_ach.nacha.digits import routing_check_digit, valid_routing
from housing_ach.nacha.issues import Issue, Issues
from housing_ach.nacha.masked import masked_copy
from housing_ach.nacha.masking import mask_account
from housing_ach.nacha.names import fold, fold_name
from housing_ach.nacha.objects import (
    Addenda,
    CorrectionAddenda,
    Entry,
    FileHeader,
    ReturnAddenda,
)
from housing_ach.nacha.reader import Batch, Columns, File, read
from housing_ach.nacha.render import RowError
from housing_ach.nacha.rules import RULES, Rule, UnknownRule, severities
from housing_ach.nacha.spec import (
    BatchSpec,
    EntryColumns,
    EntrySpec,
    FileSpec,
    RawAddenda,
    correction_addenda,
    disputed_addenda,
    payment_addenda,
    return_addenda,
)
from housing_ach.nacha.writer import WriteErrors, check_rows, entry_lines, write

__all__ = [
    "CORRECTION_CODES",
    "FOREIGN_DESCRIPTIONS",
    "RESERVED_DESCRIPTIONS",
    "RETURN_CODES",
    "RULES",
    "SEC_CODES",
    "SERVICE_CLASSES",
    "TRANSACTION_CODES",
    "Addenda",
    "Batch",
    "BatchSpec",
    "Columns",
    "Corrected",
    "CorrectionAddenda",
    "CorrectionCode",
    "Entry",
    "EntryColumns",
    "EntrySpec",
    "File",
    "FileHeader",
    "FileSpec",
    "Issue",
    "Issues",
    "RawAddenda",
    "ReturnAddenda",
    "ReturnClass",
    "ReturnCode",
    "RowError",
    "Rule",
    "SecCode",
    "TransactionCode",
    "UnknownRule",
    "WriteErrors",
    "check_rows",
    "correction_addenda",
    "credit_code",
    "debit_code",
    "disputed_addenda",
    "entry_lines",
    "fold",
    "fold_name",
    "mask_account",
    "masked_copy",
    "payment_addenda",
    "prenote_code",
    "read",
    "read_corrected",
    "return_addenda",
    "returned_code",
    "routing_check_digit",
    "settlement_date",
    "severities",
    "transaction_code",
    "valid_routing",
    "write",
]
