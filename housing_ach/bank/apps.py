from django.apps import AppConfig
from django.core import checks

from housing_ach.bank.checks import refuse_sandbox_banks


class BankConfig(AppConfig):
    name = "housing_ach.bank"

    def ready(self) -> None:
        checks.register(refuse_sandbox_banks, checks.Tags.database)
