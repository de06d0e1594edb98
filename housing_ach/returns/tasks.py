from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.returns.services import apply_received


@shared_task
def apply_returns() -> None:
    apply_received(at=now())
