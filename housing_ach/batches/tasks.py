"""Clocks that look for due work; the timetable is in housing_ach/celery.py."""

import logging

from celery import shared_task

from housing_ach.bank.models import BankProfile
from housing_ach.batches import selectors, services
from housing_ach.clock.services import now
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.problems import Refusal
from housing_ach.users.services import system_user

log = logging.getLogger(__name__)


@shared_task
def receive_files() -> None:
    """What was fetched before is used even while a bank cannot be reached."""
    at = now()
    for profile in BankProfile.objects.order_by("pk"):
        try:
            services.receive(profile, at=at)
        except Refusal as problem:
            log.warning("nothing received from %s: %s", profile, problem)
            services.tell_unreachable(profile, problem, at=at)
    services.apply_received(at=at)


@shared_task
def clear_payments() -> None:
    at = now()
    services.clear(on=new_york_date(at), at=at)


@shared_task
def build_batches() -> None:
    at = now()
    for slot in selectors.slots_to_build(at):
        services.build(window=slot.window, on=slot.processing_on, at=at, by=system_user())


@shared_task
def run_shadow() -> None:
    at = now()
    for slot in selectors.slots_to_build(at):
        services.run_shadow(window=slot.window, on=slot.processing_on, at=at)


@shared_task
def freeze_batches() -> None:
    at = now()
    for slot in selectors.slots_to_freeze(at):
        services.freeze(window=slot.window, on=slot.processing_on, at=at)


@shared_task
def send_files() -> None:
    services.recover(at=now())


@shared_task
def watch() -> None:
    services.watch(at=now())
