"""Roles of the staff; tenants and owners are members of what they rent or own, not roles."""

from django.db import models

SYSTEM_EMAIL = "system@hms-ach.invalid"


class Role(models.TextChoices):
    FINANCE = "FINANCE", "Finance"
    AUDITOR = "AUDITOR", "Auditor"
    ADMIN = "ADMIN", "Administrator"
