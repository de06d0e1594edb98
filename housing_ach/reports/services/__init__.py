"""Documents: asked for by what they are about, made once, kept."""

from housing_ach.reports.services.documents import (
    BadRange,
    batch_report,
    day_end_report,
    mandate_copy,
    receipt,
    tenant_statement,
)
from housing_ach.reports.services.printing import print_document, print_waiting
from housing_ach.shared.pdf import CannotPrint

__all__ = [
    "BadRange",
    "CannotPrint",
    "batch_report",
    "day_end_report",
    "mandate_copy",
    "print_document",
    "print_waiting",
    "receipt",
    "tenant_statement",
]
