from housing_ach.payments.services.accounts import AccountInUse, remove_account
from housing_ach.payments.services.allocation import allocate, apply_prepaid
from housing_ach.payments.services.autopay import ask_for_shadow, run_autopay
from housing_ach.payments.services.checks import check_still_payable
from housing_ach.payments.services.decisions import (
    Revoked,
    approve,
    cancel,
    hold,
    release,
    revoke_mandate,
)
from housing_ach.payments.services.notices import (
    first_debit_day,
    plan_notices,
    reschedule_for_notice,
)
from housing_ach.payments.services.orders import SomeRefused, pay_many, pay_now
from housing_ach.payments.services.plans import pause_debits, skip_debits
from housing_ach.payments.services.prenotes import finish_prenotes, send_prenote
from housing_ach.payments.services.refusals import (
    ContentChanged,
    DateNotAllowed,
    DuplicatePayment,
    ExternalIdTaken,
    NoAmount,
    NoNoticeNeeded,
    NoReason,
    NothingOpen,
    NoticeRequired,
    NotRetriable,
    OutsideMandate,
    OverLimit,
    PartNotAllowed,
    SamePerson,
    TooLate,
)
from housing_ach.payments.services.retries import can_be_retried, plan_retry
from housing_ach.payments.services.unwinding import unwind
from housing_ach.payments.services.wishes import Wish

__all__ = [
    "AccountInUse",
    "ContentChanged",
    "DateNotAllowed",
    "DuplicatePayment",
    "ExternalIdTaken",
    "NoAmount",
    "NoNoticeNeeded",
    "NoReason",
    "NotRetriable",
    "NothingOpen",
    "NoticeRequired",
    "OutsideMandate",
    "OverLimit",
    "PartNotAllowed",
    "Revoked",
    "SamePerson",
    "SomeRefused",
    "TooLate",
    "Wish",
    "allocate",
    "apply_prepaid",
    "approve",
    "ask_for_shadow",
    "can_be_retried",
    "cancel",
    "check_still_payable",
    "finish_prenotes",
    "first_debit_day",
    "hold",
    "pause_debits",
    "pay_many",
    "pay_now",
    "plan_notices",
    "plan_retry",
    "release",
    "remove_account",
    "reschedule_for_notice",
    "revoke_mandate",
    "run_autopay",
    "send_prenote",
    "skip_debits",
    "unwind",
]
