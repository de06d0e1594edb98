from celery import shared_task

from housing_ach.api import idempotency, oauth
from housing_ach.api.drop.apply import apply_waiting
from housing_ach.api.expiry import watch_certificates
from housing_ach.api.keys import retire
from housing_ach.clock.services import now, wall_time


@shared_task
def forget() -> None:
    """What counts no more: keys of requests, proofs that are over, signing keys nobody needs."""
    idempotency.forget(at=now())
    oauth.sweep(at=wall_time())
    retire(at=wall_time())


@shared_task
def apply_dropped() -> None:
    apply_waiting(at=now())


@shared_task
def watch_expiry() -> None:
    """Certificates end by the clock on the wall."""
    watch_certificates(at=wall_time())
