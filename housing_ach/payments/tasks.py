"""Clocks that look for due work; the timetable is in housing_ach/celery.py."""

from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.payments import services
from housing_ach.shared.business_days import new_york_date


@shared_task
def apply_prepaid() -> None:
    at = now()
    services.apply_prepaid(on=new_york_date(at), at=at)


@shared_task
def finish_prenotes() -> None:
    at = now()
    services.finish_prenotes(on=new_york_date(at), at=at)


@shared_task
def plan_notices() -> None:
    at = now()
    services.plan_notices(on=new_york_date(at), at=at)


@shared_task
def run_autopay() -> None:
    at = now()
    services.run_autopay(on=new_york_date(at), at=at)
