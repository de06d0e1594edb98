"""Clocks that look for what is to be told; the timetable is in housing_ach/celery.py."""

from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.notices import services
from housing_ach.shared.business_days import new_york_date


@shared_task
def plan_from_events() -> None:
    services.plan_from_events(at=now())


@shared_task
def plan_required() -> None:
    services.plan_required(at=now())


@shared_task
def plan_upcoming() -> None:
    at = now()
    services.plan_upcoming(on=new_york_date(at), at=at)


@shared_task
def send_messages() -> None:
    services.send_waiting(at=now())
