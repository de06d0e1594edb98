from housing_ach.shared.problems import Refusal


class NoAmount(Refusal):
    """A payment moves a positive amount."""


class OutsideMandate(Refusal):
    """The payer authorised debits within a range of amounts, from a day on, or only once."""


class DateNotAllowed(Refusal):
    """A debit is asked for a day from today on, never before it was authorised."""


class NothingOpen(Refusal):
    """There is no charge, or not enough, to pay."""


class PartNotAllowed(Refusal):
    """The policy in force asks for more of the balance at a time."""


class DuplicatePayment(Refusal):
    """The same was asked for within a day, or is on its way; `allow_duplicate` insists."""


class OverLimit(Refusal):
    """More than the company may move in a payment or a day."""


class ExternalIdTaken(Refusal):
    """Another order has the external id, and says something else."""


class SamePerson(Refusal):
    """Who made a payment neither approves nor releases it."""


class NoReason(Refusal):
    """A hold ends, and a payment is cancelled, with a reason."""


class TooLate(Refusal):
    """What is with the bank cannot be stopped any more."""


class ContentChanged(Refusal):
    """The payment is not what it was when it was made."""


class NotRetriable(Refusal):
    """Nacha allows two more attempts within 180 days, of the same amount, for charges still open."""


class NoticeRequired(Refusal):
    """A debit outside the authorised range needs a notice ten days ahead (12 CFR 1005.10(d))."""


class NoNoticeNeeded(Refusal):
    """The payment is not held for want of a notice."""
