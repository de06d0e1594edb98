from typing import Any

from django.core.management.base import BaseCommand

from housing_ach.audit.acting import acting


class ActingCommand(BaseCommand):
    """A command whose doings are recorded as `command:<name>`."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with acting(f"command:{type(self).__module__.rpartition('.')[2]}"):
            return super().execute(*args, **options)
