import logging

from celery import current_app, shared_task
from django.conf import settings

from housing_ach.clock.services import claim, finish, today
from housing_ach.sandbox import ahead
from housing_ach.sandbox.drivers import JOB, InsideWorker, NoAnswer

log = logging.getLogger(__name__)

# One message's share of an advance, so that a worker asked to stop soon can.
SHARE_SECONDS = 10
BANK_SECONDS = 10


@shared_task
def turn(tasks: list[str], ticket: str) -> None:
    """Run the named tasks of the timetable in this worker, then say so in the database."""
    for name in tasks:
        current_app.tasks[name]()
    on = today()
    if claim(JOB, on, ticket):
        finish(JOB, on, ticket)


@shared_task
def advance() -> None:
    """A share of what the clock was asked for; what is left waits for the next look."""
    driver = InsideWorker(settings.SANDBOX_BANK_DIR, patience_seconds=BANK_SECONDS)
    try:
        ahead.go_on(driver, seconds=SHARE_SECONDS)
    except NoAnswer as silence:
        log.warning("the clock waits: %s", silence)
