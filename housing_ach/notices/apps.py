from django.apps import AppConfig
from django.core import checks

from housing_ach.notices.checks import require_mail_server


class NoticesConfig(AppConfig):
    name = "housing_ach.notices"

    def ready(self) -> None:
        checks.register(require_mail_server, checks.Tags.security, deploy=True)
