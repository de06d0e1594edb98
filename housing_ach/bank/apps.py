from django.apps import AppConfig


class BankConfig(AppConfig):
    name = "housing_ach.bank"
    label = "bank"
    verbose_name = "Bank"
