from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "housing_ach.webhooks"
