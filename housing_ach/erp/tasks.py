"""Clocks that look for what is to be posted; the timetable is in housing_ach/celery.py."""

from celery import shared_task

from housing_ach.clock.services import now
from housing_ach.erp import services


@shared_task
def plan_postings() -> None:
    services.plan_postings(at=now())


@shared_task
def post_waiting() -> None:
    services.post_waiting(at=now())


@shared_task
def check_totals() -> None:
    services.check_totals(at=now())
