from celery import shared_task

from housing_ach.reports.services import print_waiting


@shared_task
def print_documents() -> None:
    print_waiting()
