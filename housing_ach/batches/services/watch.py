"""What should have happened and did not: each becomes a Case, none is forgotten."""

from datetime import date, datetime, timedelta

from django.db import transaction

from housing_ach.audit.move import StaleState
from housing_ach.bank.models import BankProfile
from housing_ach.bank.selectors import cut_off
from housing_ach.batches.models import OUT, BankFile, Batch, Entry, Evidence
from housing_ach.batches.services.acknowledge import BATCH
from housing_ach.batches.services.approve import cancel
from housing_ach.batches.services.clear import unread_days, waiting_days
from housing_ach.batches.services.post import FILE
from housing_ach.batches.services.take_back import ENTRY
from housing_ach.batches.states import BatchStatus, EntryStatus, EvidenceKind, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.services import NewCase, open_case, open_cases, resolve
from housing_ach.cases.states import CaseKind
from housing_ach.payments.states import Direction
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.money import dollars
from housing_ach.users.services import system_user

NOT_BACK = (EntryStatus.SENT, EntryStatus.ACCEPTED, EntryStatus.SETTLED)
PROFILE = BankProfile._meta.label_lower
MISSED = "its cut-off passed before it was approved and frozen"


def watch(*, at: datetime) -> None:
    _miss_acknowledgements(at)
    _miss_returns(at)
    _miss_words(at)
    _miss_cut_offs(at)


def _miss_acknowledgements(at: datetime) -> None:
    """Counted from the cut-off or, when the file was posted later, from then."""
    cases = []
    sent = BankFile.objects.filter(direction=OUT, status=FileStatus.PUBLISHED)
    for file in sent.select_related("profile").order_by("pk"):
        since = max(filter(None, (file.cut_off_at, file.published_at)), default=at)
        if at >= since + timedelta(minutes=file.profile.ack_minutes):
            cases.append(
                NewCase(
                    CaseKind.NO_ACKNOWLEDGEMENT,
                    FILE,
                    file.pk,
                    f"The bank did not acknowledge {file} within {file.profile.ack_minutes} minutes",
                    suggested_fix="Ask the bank whether it has the file. It is not sent again by itself.",
                )
            )
    open_cases(cases, at=at)


def _miss_returns(at: datetime) -> None:
    """The bank took money for a return it never sent: our books know nothing of it."""
    charged = Evidence.objects.filter(
        kind=EvidenceKind.RETURN_CHARGED,
        entry__status__in=NOT_BACK,
        banking_on__lt=new_york_date(at),
    )
    cases = [
        NewCase(
            CaseKind.SETTLEMENT_MISMATCH,
            ENTRY,
            found.entry.pk,
            f"The bank {_did(found.entry)} {dollars(found.cents)} for a return of"
            f" {found.entry.trace} on {found.banking_on}, and no such return was read",
            suggested_fix="Ask the bank for its return file of that day; it is posted once that is read.",
            cents=found.cents,
        )
        for found in charged.select_related("entry__batch").order_by("pk")
        if found.entry
    ]
    open_cases(cases, at=at)


def _did(entry: Entry) -> str:
    return "charged" if entry.batch.direction == Direction.DEBIT else "gave back"


def _miss_words(at: datetime) -> None:
    """A day that is over without a return file or a no-activity notice: nothing clears until it comes."""
    today = new_york_date(at)
    for profile in BankProfile.objects.order_by("pk"):
        unread: set[date] = set()
        for settled_on in waiting_days(profile):
            unread |= {day for day in unread_days(profile, settled_on) if day < today}
        _end_answered(profile, unread, at=at)
        open_cases([_silence(profile, day) for day in sorted(unread)], at=at)


def _silence(profile: BankProfile, day: date) -> NewCase:
    return NewCase(
        CaseKind.RETURNS_NOT_READ,
        PROFILE,
        f"{profile.pk}:{day}",
        f"{profile} sent neither returns nor a no-activity notice for {day}",
        suggested_fix="Ask the bank for the file of that day; what settled before clears once it is read.",
    )


def _end_answered(profile: BankProfile, unread: set[date], *, at: datetime) -> None:
    still = {f"{profile.pk}:{day}" for day in unread}
    told = Case.objects.open().filter(
        kind=CaseKind.RETURNS_NOT_READ, subject=PROFILE, subject_id__startswith=f"{profile.pk}:"
    )
    for case in told.exclude(subject_id__in=still):
        resolve(case, by=system_user(), resolution="the bank's word was read", at=at)


def _miss_cut_offs(at: datetime) -> None:
    left = Batch.objects.filter(status__in=(BatchStatus.DRAFT, BatchStatus.APPROVED))
    for batch in left.select_related("window").order_by("pk"):
        if at >= cut_off(batch.window, batch.processing_on):
            _give_up(batch, at=at)


def _give_up(batch: Batch, *, at: datetime) -> None:
    """A batch somebody froze or cancelled in this very moment is not ours to give up."""
    try:
        with transaction.atomic():
            cancel(batch, reason=MISSED, at=at)
            open_case(
                CaseKind.CUT_OFF_MISSED,
                BATCH,
                batch.pk,
                f"Batch {batch} was not sent: {MISSED}",
                at=at,
                suggested_fix="Its payments are in the next draft: approve that one in time.",
                cents=batch.cents,
            )
    except StaleState:
        return
