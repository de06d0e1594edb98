from django.apps import AppConfig
from django.core import checks

from housing_ach.clock.checks import refuse_frozen_clock


class ClockConfig(AppConfig):
    name = "housing_ach.clock"

    def ready(self) -> None:
        checks.register(refuse_frozen_clock, checks.Tags.database)
