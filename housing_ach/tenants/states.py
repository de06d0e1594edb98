from django.db import models


class PropertyKind(models.TextChoices):
    OWNED = "OWNED"
    MANAGED = "MANAGED"


class ChargeKind(models.TextChoices):
    RENT = "RENT"
    LATE_FEE = "LATE_FEE"
    SERVICE_FEE = "SERVICE_FEE"
    NSF_FEE = "NSF_FEE"
    DEPOSIT = "DEPOSIT"
    UTILITY = "UTILITY"
    OTHER = "OTHER"


class Role(models.TextChoices):
    TENANT = "TENANT"
    PROPERTY_MANAGER = "PROPERTY_MANAGER"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"
