from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "housing_ach.batches"
    verbose_name = "Batches and bank files"
