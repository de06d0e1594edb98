from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error


def refuse_frozen_clock(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """`check --database default`: live mode starts on no database whose clock stands still."""
    clocks = apps.get_model("clock", "Clock")._default_manager
    if not (databases and settings.LIVE_MODE and clocks.exclude(frozen_at=None).exists()):
        return []
    return [Error("The clock is frozen in live mode.", hint="Live mode needs its own database.")]
