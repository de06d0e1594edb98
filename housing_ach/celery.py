"""The app and the whole timetable: a reader sees here everything that happens by itself.

The broker is a hint. Every task finds its due rows in PostgreSQL, so a lost message, a second beat or
a second worker changes nothing but the delay. Tasks ask the business clock what is due; the seconds
here only say how often they look.
"""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "housing_ach.settings")

app = Celery("housing_ach", task_cls="housing_ach.audit.tasks_base:ActingTask")
app.config_from_object("housing_ach.celery_settings")
app.autodiscover_tasks()

# In the order of a banking day.
TIMETABLE = {
    "housing_ach.tenants.tasks.raise_charges": 300,
    "housing_ach.payments.tasks.apply_prepaid": 300,
    "housing_ach.batches.tasks.receive_files": 60,
    "housing_ach.returns.tasks.apply_returns": 60,
    "housing_ach.batches.tasks.clear_payments": 300,
    "housing_ach.payments.tasks.finish_prenotes": 300,
    "housing_ach.payouts.tasks.follow_micro_deposits": 60,
    "housing_ach.payments.tasks.plan_notices": 900,
    "housing_ach.payments.tasks.run_autopay": 300,
    "housing_ach.batches.tasks.build_batches": 120,
    "housing_ach.batches.tasks.run_shadow": 300,
    "housing_ach.batches.tasks.freeze_batches": 60,
    "housing_ach.batches.tasks.send_files": 30,
    "housing_ach.batches.tasks.watch": 120,
    "housing_ach.reports.tasks.print_documents": 5,
    "housing_ach.notices.tasks.plan_required": 300,
    "housing_ach.notices.tasks.plan_upcoming": 1800,
    "housing_ach.notices.tasks.plan_from_events": 60,
    "housing_ach.notices.tasks.send_messages": 30,
    "housing_ach.api.tasks.apply_dropped": 5,
    "housing_ach.reconciliation.tasks.apply_received": 5,
    "housing_ach.api.tasks.forget": 3600,
    "housing_ach.api.tasks.watch_expiry": 3600,
    "housing_ach.webhooks.tasks.plan_from_events": 5,
    "housing_ach.webhooks.tasks.send_waiting": 5,
    "housing_ach.erp.tasks.plan_postings": 900,
    "housing_ach.erp.tasks.post_waiting": 15,
    "housing_ach.erp.tasks.check_totals": 21600,
    # There only where the clock can be moved.
    **({} if settings.LIVE_MODE else {"housing_ach.sandbox.tasks.advance": 2}),
}

# A message nobody took before the next look is worth nothing.
app.conf.beat_schedule = {
    task.removeprefix("housing_ach."): {
        "task": task,
        "schedule": seconds,
        "options": {"expires": seconds},
    }
    for task, seconds in TIMETABLE.items()
}
