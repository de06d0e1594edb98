import re
from typing import Any

from rest_framework import serializers

from housing_ach.api.serializers.base import Choice, Strict, WholeNumber

MOST_CENTS = 99_999_999_99
MOST_ITEMS = 10_000
EXTERNAL_ID = 60
NAME = r"^[A-Za-z0-9._:-]+$"
# The portal's own orders are called so.
RESERVED = "web-"
PERMISSION = ("mandate", "bank_account", "account_number")
# As long as the number of an account or of a person.
LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){8,16}")
METADATA_KEYS, METADATA_KEY, METADATA_VALUE = 20, 40, 500


class MetadataField(serializers.DictField):
    """The program's own words beside an order; nothing that looks like somebody's number."""

    child = serializers.CharField(max_length=METADATA_VALUE, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        kept: dict[str, str] = super().to_internal_value(data)
        if len(kept) > METADATA_KEYS or any(len(key) > METADATA_KEY for key in kept):
            words = f"At most {METADATA_KEYS} keys of at most {METADATA_KEY} characters."
            raise serializers.ValidationError(words)
        for key, value in kept.items():
            if LONG_NUMBER.search(key) or LONG_NUMBER.search(value):
                words = "That looks like the number of an account or a person: it is not kept here."
                raise serializers.ValidationError({key[:METADATA_KEY]: [words]})
        return kept


class ItemSerializer(Strict):
    """A debit of one tenant. By which permission: named, or the one of the account."""

    external_id = serializers.RegexField(NAME, max_length=EXTERNAL_ID)
    tenant = serializers.CharField(max_length=60)
    lease = serializers.CharField(max_length=60)
    mandate = serializers.RegexField(r"^[0-9]{1,18}$", required=False)
    bank_account = serializers.UUIDField(required=False)
    routing = serializers.RegexField(r"^[0-9]{9}$", required=False)
    account_number = serializers.RegexField(r"^[A-Za-z0-9-]{1,17}$", required=False)
    amount = WholeNumber(min_value=1, max_value=MOST_CENTS)
    currency = Choice(choices=["USD"])
    purpose = Choice(choices=["rent", "fee", "deposit"], required=False)
    effective_date = serializers.DateField(input_formats=["%Y-%m-%d"])
    metadata = MetadataField(required=False)

    def validate_external_id(self, value: str) -> str:
        if value.startswith(RESERVED):
            raise serializers.ValidationError(f"Names that begin with {RESERVED} are ours.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in PERMISSION) != 1:
            raise serializers.ValidationError({"mandate": ["Name a mandate or a bank account."]})
        if ("routing" in attrs) != ("account_number" in attrs):
            raise serializers.ValidationError({"routing": ["Goes with an account number."]})
        return attrs


class BatchSerializer(Strict):
    """Many debits, with their number and sum to check them by."""

    external_id = serializers.RegexField(NAME, max_length=EXTERNAL_ID, required=False, default="")
    count = WholeNumber(min_value=1, max_value=MOST_ITEMS)
    total_amount = WholeNumber(min_value=1, max_value=MOST_CENTS * MOST_ITEMS)
    all_or_nothing = serializers.BooleanField(required=False, default=True)
    items = serializers.ListField(child=ItemSerializer(), min_length=1, max_length=MOST_ITEMS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        counted = len(attrs["items"])
        cents = sum(item["amount"] for item in attrs["items"])
        wrong = {}
        if counted != attrs["count"]:
            wrong["count"] = [f"There are {counted} items."]
        if cents != attrs["total_amount"]:
            wrong["total_amount"] = [f"The items sum to {cents}."]
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


class ReasonSerializer(Strict):
    reason = serializers.CharField(max_length=200)
