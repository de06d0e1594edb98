"""Clocks that look for what programs are to be told; the timetable is in housing_ach/celery.py."""

from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.webhooks import services


@shared_task
def plan_from_events() -> None:
    services.plan_from_events(at=now())


@shared_task
def send_waiting() -> None:
    services.send_waiting(at=now())
