"""From a queued delivery to its endpoint.

At least once, and at most MOST_TRIES times: a try is counted and committed before it is made, so that
a process which dies after the message was taken leads to one more, under the same webhook-id. What was
tried often enough becomes FAILED, with a Case.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import SystemRandom

from django.db import transaction
from django.db.models import F, QuerySet

from housing_ach.audit.move import IllegalMove, StaleState, move, record
from housing_ach.cases.services import open_case
from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import wall_time
from housing_ach.shared.failpoints import failpoint
from housing_ach.vault.services import reveal_many
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint, Secret
from housing_ach.webhooks.services.endpoints import sealed_for
from housing_ach.webhooks.services.posting import Answer, Sessions, post
from housing_ach.webhooks.states import DeliveryStatus, EndpointStatus

LOG = logging.getLogger(__name__)
AT_ONCE = 40
# After the first try, the second, and so on; a tenth is the last.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
MOST_TRIES = len(WAITS) + 1
JITTER = 0.2
# Longer than one look, and AT_ONCE messages after it, can take.
LEASE = timedelta(minutes=15)
LOOK_SECONDS = 60
# Failures in a row after which an endpoint is let alone.
PAUSE_AFTER = 100
GONE = 410
DELIVERY, ENDPOINT = Delivery._meta.label_lower, Endpoint._meta.label_lower
RANDOM = SystemRandom()


def send_waiting(*, at: datetime) -> int:
    """Send what is due; returns how many were taken. May run beside itself.

    An endpoint that fails is not asked again in this look: it keeps nobody else waiting.
    """
    _give_up_unfinished(at)
    taken, failing, until = 0, set[int](), time.monotonic() + LOOK_SECONDS
    with Sessions() as sessions:
        while time.monotonic() < until and (claimed := _claim(failing, at)):
            taken += _send_all(claimed, failing, sessions, at)
    return taken


@transaction.atomic
def replay(deliveries: QuerySet[Delivery], *, at: datetime) -> int:
    """Send again what was delivered or failed, under the same webhook-id; returns how many."""
    over = deliveries.exclude(status=DeliveryStatus.PENDING).order_by("pk")
    again = list(over.select_for_update(of=("self",)))
    Delivery.objects.filter(pk__in=[row.pk for row in again]).update(
        status=DeliveryStatus.PENDING, tries=0, next_at=at, delivered_at=None
    )
    for endpoint in sorted({row.endpoint_id for row in again}):
        told = [row.webhook_id for row in again if row.endpoint_id == endpoint]
        record("endpoint.replayed", ENDPOINT, endpoint, {"count": len(told), "first": told[0]})
    return len(again)


@transaction.atomic
def _claim(failing: set[int], at: datetime) -> list[Delivery]:
    due = Delivery.objects.pending().filter(
        next_at__lte=at, tries__lt=MOST_TRIES, endpoint__status=EndpointStatus.ACTIVE
    )
    rows = due.exclude(endpoint__in=failing).select_related("endpoint").order_by("next_at", "pk")
    claimed = list(rows.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    for delivery in claimed:
        delivery.next_at = at + LEASE
        delivery.tries += 1
    mine = Delivery.objects.filter(pk__in=[delivery.pk for delivery in claimed])
    mine.update(tries=F("tries") + 1, next_at=at + LEASE)
    return claimed


def _send_all(
    claimed: Sequence[Delivery], failing: set[int], sessions: Sessions, at: datetime
) -> int:
    secrets = _secrets({delivery.endpoint_id for delivery in claimed}, at)
    count, spared, taken = 0, [], list[tuple[Delivery, Answer]]()
    for delivery in claimed:
        if delivery.endpoint_id in failing:
            spared.append(delivery.pk)
            continue
        answer = post(delivery, secrets[delivery.endpoint_id], sessions, signed_at=wall_time())
        failpoint("webhooks.sent")
        if answer.taken:
            taken.append((delivery, answer))
        else:
            # In their order: what was taken before does not make good what was not.
            count += _note_taken(taken, at)
            taken.clear()
            _note_failure(delivery, answer, at)
            failing.add(delivery.endpoint_id)
    count += _note_taken(taken, at)
    # They were not tried.
    Delivery.objects.filter(pk__in=spared).update(tries=F("tries") - 1, next_at=at)
    return count


def _secrets(endpoints: set[int], at: datetime) -> dict[int, list[str]]:
    """Of each endpoint, the newest first."""
    rows = list(Secret.objects.filter(endpoint__in=endpoints).living(at).order_by("-pk"))
    opened = reveal_many({row.token: sealed_for(row.endpoint_id) for row in rows})
    found: defaultdict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row.endpoint_id].append(opened[row.token].decode())
    return found


@transaction.atomic
def _note_taken(taken: Sequence[tuple[Delivery, Answer]], at: datetime) -> int:
    """All at once. Who was overtaken after his lease changes nothing that was told since."""
    Attempt.objects.bulk_create(_attempt(delivery, answer, at) for delivery, answer in taken)
    ids = [delivery.pk for delivery, _ in taken]
    mine = Delivery.objects.pending().filter(pk__in=ids)
    mine.update(status=DeliveryStatus.DELIVERED, delivered_at=at)
    listening = {delivery.endpoint_id for delivery, _ in taken}
    Endpoint.objects.filter(pk__in=listening, failures__gt=0).update(failures=0)
    return len(taken)


@transaction.atomic
def _note_failure(delivery: Delivery, answer: Answer, at: datetime) -> None:
    _attempt(delivery, answer, at).save()
    LOG.warning("delivery %s was not taken: %s", delivery.pk, answer.status or answer.problem)
    if delivery.tries >= MOST_TRIES:
        _fail(delivery, at)
    else:
        mine = Delivery.objects.pending().filter(pk=delivery.pk, tries=delivery.tries)
        mine.update(next_at=at + _wait(delivery.tries, answer))
    _blame(delivery.endpoint_id, answer, at)


def _attempt(delivery: Delivery, answer: Answer, at: datetime) -> Attempt:
    return Attempt(
        delivery=delivery,
        at=at,
        answered=answer.status,
        took_ms=answer.took_ms,
        problem=answer.problem,
        body=answer.body,
        sent=answer.sent,
        got=answer.got,
    )


def _wait(tries: int, answer: Answer) -> timedelta:
    jittered = WAITS[tries - 1] * RANDOM.uniform(1 - JITTER, 1 + JITTER)
    return max(jittered, answer.wait)


def _give_up_unfinished(at: datetime) -> None:
    """Whose last try died with its process."""
    for delivery in Delivery.objects.pending().filter(tries__gte=MOST_TRIES, next_at__lte=at):
        _fail(delivery, at)


@transaction.atomic
def _fail(delivery: Delivery, at: datetime) -> None:
    if not Delivery.objects.pending().filter(pk=delivery.pk).update(status=DeliveryStatus.FAILED):
        return
    open_case(
        CaseKind.WEBHOOK_NOT_TAKEN,
        ENDPOINT,
        delivery.endpoint_id,
        f"Endpoint {delivery.endpoint_id} did not take {delivery.webhook_id} ({delivery.kind})",
        at=at,
        suggested_fix="Ask who runs the endpoint, then replay what failed.",
        facts={"delivery": delivery.pk},
    )


def _blame(endpoint_id: int, answer: Answer, at: datetime) -> None:
    """410 says that nobody wants it any more; too many failures in a row, that nobody listens."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    endpoint.failures += 1
    endpoint.save(update_fields=["failures"])
    gone = answer.status == GONE
    if not gone and endpoint.failures < PAUSE_AFTER:
        return
    with suppress(StaleState, IllegalMove):
        move(endpoint, EndpointStatus.DISABLED if gone else EndpointStatus.PAUSED)
        open_case(
            CaseKind.WEBHOOK_NOT_TAKEN,
            ENDPOINT,
            endpoint_id,
            f"Endpoint {endpoint_id} {'is gone' if gone else 'does not answer'}: {endpoint.status}",
            at=at,
            suggested_fix="Ask who runs the endpoint, resume it, then replay what failed.",
            facts={"failures": endpoint.failures},
        )
