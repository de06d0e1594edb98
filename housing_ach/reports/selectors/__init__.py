"""Figures and facts that pages and papers share."""

from housing_ach.reports.selectors.batch import BatchReport, batch_report
from housing_ach.reports.selectors.day import DayEnd, day_end, funds_on
from housing_ach.reports.selectors.documents import content_of, documents
from housing_ach.reports.selectors.figures import (
    reasons,
    return_rates,
    returned_codes,
    settled_by_day,
    words_of,
)
from housing_ach.reports.selectors.mandate import MandateCopy, mandate_copy
from housing_ach.reports.selectors.receipt import NoReceipt, Receipt, receipt
from housing_ach.reports.selectors.statement import Statement, statement

__all__ = [
    "BatchReport",
    "DayEnd",
    "MandateCopy",
    "NoReceipt",
    "Receipt",
    "Statement",
    "batch_report",
    "content_of",
    "day_end",
    "documents",
    "funds_on",
    "mandate_copy",
    "reasons",
    "receipt",
    "return_rates",
    "returned_codes",
    "settled_by_day",
    "statement",
    "words_of",
]
