"""What the kinds of exceptions are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.cases.states import CaseKind

KINDS: dict[str, Promise] = {
    CaseKind.LIMIT: _("Over a limit"),
    CaseKind.DUPLICATE: _("Possible duplicate"),
    CaseKind.MANDATE: _("Authorization problem"),
    CaseKind.NOTICE_REQUIRED: _("Notice to send first"),
    CaseKind.HOLD: _("Held"),
    CaseKind.ENTRY_EJECTED: _("Taken out of its batch"),
    CaseKind.CUT_OFF_MISSED: _("Cut-off missed"),
    CaseKind.FILE_HELD: _("File held up"),
    CaseKind.FILE_REJECTED: _("File rejected"),
    CaseKind.BATCH_REJECTED: _("Batch rejected"),
    CaseKind.NO_ACKNOWLEDGEMENT: _("No answer from the bank"),
    CaseKind.RETURNS_NOT_READ: _("Return file missing"),
    CaseKind.FILE_QUARANTINED: _("File set aside"),
    CaseKind.SETTLEMENT_MISMATCH: _("Settlement differs"),
    CaseKind.UNMATCHED_RETURN: _("Return of an unknown entry"),
    CaseKind.DUPLICATE_RETURN: _("Returned twice"),
    CaseKind.UNKNOWN_CODE: _("Unknown return code"),
    CaseKind.RETURNED: _("Returned payment"),
    CaseKind.UNAUTHORISED: _("Unauthorized return"),
    CaseKind.CORRECTION_PARKED: _("Correction not applied"),
    CaseKind.DISHONORED: _("Return disputed"),
    CaseKind.TRUST_SHORTAGE: _("Trust money short"),
    CaseKind.NO_PAYER: _("Nobody to charge"),
    CaseKind.NOTICE_NOT_SENT: _("Message not sent"),
    CaseKind.WEBHOOK_NOT_TAKEN: _("Webhook not taken"),
    CaseKind.ERP_POSTING: _("Not in the ERP"),
    CaseKind.RECONCILIATION: _("Client says otherwise"),
    CaseKind.CERTIFICATE_ENDS: _("Certificate ends soon"),
}


def kind_words(kind: str) -> str:
    return str(KINDS.get(kind) or kind.replace("_", " ").capitalize())
