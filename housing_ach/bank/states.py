from django.db.models import TextChoices


class LineEnding(TextChoices):
    LF = "LF"
    CRLF = "CRLF"


class Settlement(TextChoices):
    """GROSS: each batch settles whole, returns are charged apart. NET: returns are taken off it."""

    GROSS = "GROSS"
    NET = "NET"


class ReturnsCharged(TextChoices):
    ITEM = "ITEM"
    DAILY_TOTAL = "DAILY_TOTAL"


class CreditsFunded(TextChoices):
    AT_ORIGINATION = "AT_ORIGINATION"
    ON_SETTLEMENT = "ON_SETTLEMENT"


# Routing numbers of the sandbox bank and of the receiving banks it plays. Their check digits are
# right, no bank has them, and live mode refuses every one.
SANDBOX_BANK_ROUTING = "123456780"
SANDBOX_RECEIVER_ROUTINGS = ("111111118", "222222226", "323232322")
SANDBOX_ROUTINGS = frozenset({SANDBOX_BANK_ROUTING, *SANDBOX_RECEIVER_ROUTINGS})
