from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.models import Q

from housing_ach.bank.states import SANDBOX_ROUTINGS


def refuse_sandbox_banks(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """`check --database default`: live mode starts on no database that knows the sandbox bank."""
    if not (databases and settings.LIVE_MODE):
        return []
    profiles = apps.get_model("bank", "BankProfile")._default_manager.filter(
        Q(is_sandbox=True) | Q(companies__odfi__in=SANDBOX_ROUTINGS)
    )
    return [
        Error(f"The bank profile {name} is a sandbox.", hint="Live mode needs its own database.")
        for name in sorted(set(profiles.values_list("name", flat=True)))
    ]
