"""From a queued message to the mail server.

At least once, and at most MOST_TRIES times: a try is counted and committed before it is made, so that a
process which dies after the server took the message leads to one more, under the same Message-ID. What
was tried often enough becomes FAILED, with a Case: nothing is lost without a word.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from housing_ach.audit.move import StaleState, move
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.mandates.models import Notice
from housing_ach.mandates.services import mark_notice_sent
from housing_ach.notices.letters import LINK_TO_COME
from housing_ach.notices.models import Message
from housing_ach.notices.services.drafts import link
from housing_ach.notices.services.required import in_time
from housing_ach.notices.states import Kind, MessageStatus
from housing_ach.shared.failpoints import failpoint

LOG = logging.getLogger(__name__)
AT_ONCE = 20
# How long the next try waits; the first of them is longer than AT_ONCE messages can take.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 240, 720, 720))
MOST_TRIES = len(WAITS)
MESSAGE = Message._meta.label_lower
PROBLEM = 200
TOO_LATE = "It could no longer be told ten days before the debit."
UNKNOWN = "Sending was begun and never finished: it may have been sent."


def send_waiting(*, at: datetime) -> int:
    """Send what is due; returns how many went. May run beside itself."""
    _give_up_unfinished(at)
    sent = 0
    while claimed := _claim(at):
        sent += _send_all(claimed, at)
    return sent


@transaction.atomic
def send_again(message: Message, *, at: datetime) -> None:
    """One that failed, because a person says so. Raises IllegalMove or StaleState."""
    move(message, MessageStatus.QUEUED, tries=0, next_try_at=at, problem="")


@transaction.atomic
def _claim(at: datetime) -> list[Message]:
    due = Message.objects.waiting().filter(next_try_at__lte=at, tries__lt=MOST_TRIES)
    rows = due.select_related("user").order_by("next_try_at", "pk")
    claimed = list(rows.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    for message in claimed:
        message.next_try_at = at + WAITS[message.tries]
        message.tries += 1
    Message.objects.bulk_update(claimed, ["tries", "next_try_at"])
    return claimed


def _send_all(messages: Sequence[Message], at: datetime) -> int:
    connection = get_connection()
    try:
        return sum(_send(message, connection, at) for message in messages)
    finally:
        connection.close()


def _send(message: Message, connection: BaseEmailBackend, at: datetime) -> bool:
    if message.kind == Kind.VARYING_AMOUNT and in_time(message, at=at) is None:
        _fail(message, TOO_LATE, at)
        return False
    try:
        _mail(message, connection).send()
    except (OSError, ValueError) as problem:
        # Whatever the server said, the next message begins with a new connection.
        connection.close()
        LOG.warning("message %s could not be sent: %s", message.pk, type(problem).__name__)
        _try_later(message, _told(problem), at)
        return False
    failpoint("notices.sent")
    _mark(message, at)
    return True


def _mail(message: Message, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    body, html = message.body, message.html
    if message.kind == Kind.INVITATION:
        body, html = (text.replace(LINK_TO_COME, _invitation(message)) for text in (body, html))
    domain = settings.SITE_URL.rpartition("//")[2].partition(":")[0]
    mail = EmailMultiAlternatives(
        message.title,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [message.recipient],
        connection=connection,
        headers={
            "Message-ID": f"<message-{message.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _invitation(message: Message) -> str:
    """Works once and for the days settings say, counted from now."""
    assert message.user is not None  # noqa: S101 - only users are invited
    return link(
        "account:invitation",
        uidb64=urlsafe_base64_encode(force_bytes(message.user.pk)),
        token=default_token_generator.make_token(message.user),
    )


@transaction.atomic
def _mark(message: Message, at: datetime) -> None:
    if message.kind == Kind.VARYING_AMOUNT:
        notice = Notice.objects.get(pk=message.subject_id)
        mark_notice_sent(notice, template_version=message.template_version, at=at)
    try:
        with transaction.atomic():
            move(message, MessageStatus.SENT, sent_at=at, problem="")
    except StaleState:
        LOG.warning("message %s was sent twice: this took longer than a try has", message.pk)


def _try_later(message: Message, problem: str, at: datetime) -> None:
    if message.tries >= MOST_TRIES:
        _fail(message, problem, at)
    else:
        Message.objects.waiting().filter(pk=message.pk).update(problem=problem)


def _give_up_unfinished(at: datetime) -> None:
    """Whose last try died with its process."""
    for message in Message.objects.waiting().filter(tries__gte=MOST_TRIES, next_try_at__lte=at):
        _fail(message, message.problem or UNKNOWN, at)


def _fail(message: Message, problem: str, at: datetime) -> None:
    try:
        with transaction.atomic():
            move(message, MessageStatus.FAILED, problem=problem)
            open_case(
                CaseKind.NOTICE_NOT_SENT,
                MESSAGE,
                message.pk,
                f"{message.get_kind_display()} for {message.recipient} was not sent: {problem}",
                at=at,
                suggested_fix="Put the address right and tell the tenant another way.",
                facts={"subject": message.subject, "id": message.subject_id},
            )
    except StaleState:
        LOG.warning("message %s was given up by another process", message.pk)


def _told(problem: Exception) -> str:
    """What the mail server said, never more than fits."""
    return f"{type(problem).__name__}: {problem}"[:PROBLEM]
