from typing import Any

from rest_framework import serializers

from housing_ach.api.serializers.base import Strict, WholeNumber

MOST_CENTS = 99_999_999_99
EXTERNAL_ID = 60
# The portal's own orders are called so.
RESERVED = "web-"


class TransactionSerializer(Strict):
    """A debit of one tenant. By which permission: named, or the one of the account."""

    external_id = serializers.RegexField(r"^[A-Za-z0-9._:-]+$", max_length=EXTERNAL_ID)
    tenant = serializers.CharField(max_length=60)
    lease = serializers.CharField(max_length=60)
    bank_account = serializers.UUIDField(required=False)
    mandate = serializers.RegexField(r"^[0-9]{1,18}$", required=False)
    amount = WholeNumber(min_value=1, max_value=MOST_CENTS)
    currency = serializers.ChoiceField(choices=["USD"])
    effective_date = serializers.DateField(input_formats=["%Y-%m-%d"])

    def validate_external_id(self, value: str) -> str:
        if value.startswith(RESERVED):
            raise serializers.ValidationError(f"Names that begin with {RESERVED} are ours.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("mandate" in attrs) == ("bank_account" in attrs):
            raise serializers.ValidationError({"mandate": ["Name a mandate or a bank account."]})
        return attrs
