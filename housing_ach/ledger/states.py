from django.db import models


class FundKind(models.TextChoices):
    OPERATING = "OPERATING"
    OWNER_TRUST = "OWNER_TRUST"
    DEPOSIT_TRUST = "DEPOSIT_TRUST"
