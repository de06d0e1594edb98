from typing import Any

from celery import Task

from housing_ach.audit.acting import acting


class ActingTask(Task):  # type: ignore[type-arg]
    """A task whose doings are recorded as `worker:<package>.<task>`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.name.removeprefix("housing_ach.").replace(".tasks.", ".")
        with acting(f"worker:{name}"):
            return super().__call__(*args, **kwargs)
