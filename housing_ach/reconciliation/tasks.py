"""The clock that looks for files of clients; the timetable is in housing_ach/celery.py."""

from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.reconciliation import services


@shared_task
def apply_received() -> None:
    services.apply_received(at=now())
