from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.payouts import services


@shared_task
def follow_micro_deposits() -> None:
    services.follow_micro_deposits(at=now())
