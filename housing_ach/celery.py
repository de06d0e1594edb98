"""The app and the whole timetable: a reader sees here everything that happens by itself.

The broker is a hint. Every task finds its due rows in PostgreSQL and claims its run there, so a lost
message, a second beat or a second worker changes nothing but the delay.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "housing_ach.settings")

app = Celery("housing_ach")
app.config_from_object("housing_ach.celery_settings")
app.autodiscover_tasks(packages=None)
