"""What is planned goes to the ERP: a try is counted before it is made, trouble waits, conflict stops."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from housing_ach.audit.move import StaleState, move
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.erp.contract import Entry
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.selectors import entry_of
from housing_ach.erp.services.targets import engine_of
from housing_ach.erp.services.writing import Conflict, write
from housing_ach.erp.states import PostingStatus

LOG = logging.getLogger(__name__)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (10, 10, 30, 60, 120, 240, 480, 720))
MOST_TRIES = len(WAITS)
POSTING = Posting._meta.label_lower
PROBLEM = 200


def post_waiting(*, at: datetime) -> int:
    """Post what is due, the oldest day first; returns how many got there. May run beside itself."""
    return sum(_post_all(target, at) for target in Target.objects.filter(is_active=True))


@transaction.atomic
def post_again(posting: Posting, *, at: datetime) -> None:
    """One that failed or met a conflict, because a person put it right. Raises IllegalMove."""
    move(posting, PostingStatus.PENDING, tries=0, next_at=at, problem="")


def _post_all(target: Target, at: datetime) -> int:
    """Until nothing is due or the database cannot be asked. A conflict stops the target."""
    count = 0
    while posting := _claim(target, at):
        if not _post(posting, at):
            break
        count += 1
    return count


@transaction.atomic
def _claim(target: Target, at: datetime) -> Posting | None:
    postings = Posting.objects.filter(target=target)
    if postings.filter(status=PostingStatus.CONFLICT).exists():
        return None
    due = postings.filter(status=PostingStatus.PENDING, next_at__lte=at)
    locked = due.select_related("target", "fund").select_for_update(of=("self",), skip_locked=True)
    posting = locked.order_by("day", "pk").first()
    if posting:
        posting.next_at = at + WAITS[min(posting.tries, MOST_TRIES - 1)]
        posting.tries += 1
        posting.save(update_fields=["next_at", "tries"])
    return posting


def _post(posting: Posting, at: datetime) -> bool:
    try:
        write(engine_of(posting.target), _planned(posting))
    except Conflict as conflict:
        _stop(posting, PostingStatus.CONFLICT, conflict.message, at)
        return False
    except SQLAlchemyError as problem:
        _later(posting, _told(problem), at)
        return False
    return _mark(posting, at)


def _planned(posting: Posting) -> Entry:
    entry = entry_of(posting)
    if entry.sha256 != posting.content_sha256:
        raise Conflict(f"{posting.source_ref}: our own lines are not those planned")
    return entry


def _mark(posting: Posting, at: datetime) -> bool:
    try:
        with transaction.atomic():
            move(posting, PostingStatus.POSTED, posted_at=at, problem="")
    except StaleState:
        LOG.warning("posting %s was finished by another process", posting.pk)
    return True


def _later(posting: Posting, problem: str, at: datetime) -> None:
    LOG.warning("posting %s could not be made: %s", posting.pk, problem)
    if posting.tries >= MOST_TRIES:
        _stop(posting, PostingStatus.FAILED, problem, at)
        return
    waiting = Posting.objects.filter(pk=posting.pk, status=PostingStatus.PENDING)
    waiting.update(problem=problem)


@transaction.atomic
def _stop(posting: Posting, status: PostingStatus, problem: str, at: datetime) -> None:
    move(posting, status, problem=problem[:PROBLEM])
    open_case(
        CaseKind.ERP_POSTING,
        POSTING,
        posting.pk,
        f"{posting.target}: {posting.source_ref} is not in the ERP as it is in the books: {problem}",
        at=at,
        suggested_fix="Compare the two with the ERP's people, then post it again.",
        facts={"day": posting.day, "fund": posting.fund.code},
        cents=posting.debit_cents,
    )


def _told(problem: SQLAlchemyError) -> str:
    """What kind of trouble; a driver's own words may hold the address and a row."""
    cause = problem.orig if isinstance(problem, DBAPIError) else None
    names = [type(error).__name__ for error in (problem, cause) if error is not None]
    return " / ".join(dict.fromkeys(names))
