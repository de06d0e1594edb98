from celery import current_app, shared_task

from housing_ach.clock.models import Run
from housing_ach.clock.services import claim, finish, today

JOB = "sandbox turn"


@shared_task
def turn(tasks: list[str], ticket: str) -> None:
    """Run the named tasks of the timetable in this worker, then say so in the database."""
    for name in tasks:
        current_app.tasks[name]()
    on = today()
    if claim(JOB, on, ticket):
        finish(JOB, on, ticket)


def turn_is_over(ticket: str) -> bool:
    return Run.objects.filter(job=JOB, window=ticket, finished_at__isnull=False).exists()
