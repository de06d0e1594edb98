from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error


def require_mail_server(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """`check --deploy`: in live mode messages reach people, and their links lead to us."""
    if not settings.LIVE_MODE:
        return []
    problems: list[CheckMessage] = []
    if settings.EMAIL_BACKEND.endswith(".MailFolder"):
        problems.append(Error("Live mode needs a mail server.", hint="Set EMAIL_URL."))
    if not settings.SITE_URL.startswith("https://"):
        problems.append(Error("Links in messages lead nowhere safe.", hint="Set SITE_URL."))
    return problems
