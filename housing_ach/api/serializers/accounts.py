"""Where an account number comes in. No message tells what was sent."""

from typing import Any

from rest_framework import serializers

from housing_ach.api.serializers.base import Choice, Strict, WholeNumber
from housing_ach.api.serializers.money import LONG_NUMBER

METHODS = ("micro_deposits", "prenote")


class Digits(serializers.RegexField):
    """A text: as a number it would lose its zeros."""

    def to_internal_value(self, data: Any) -> str:
        if type(data) is not str:
            self.fail("invalid")
        return str(super().to_internal_value(data))


class BankAccountSerializer(Strict):
    holder_name = serializers.CharField(max_length=80)
    routing = Digits(r"^[0-9]{9}$")
    account_number = Digits(r"^[A-Za-z0-9-]{4,17}$")
    account_type = Choice(choices=["checking", "savings"])

    def validate_holder_name(self, value: str) -> str:
        if LONG_NUMBER.search(value):
            raise serializers.ValidationError("That is no name.")
        return value


class VerifySerializer(Strict):
    """Micro-deposits are paid by the lease's fund; a prenote is sent under a mandate."""

    method = Choice(choices=METHODS)
    lease = serializers.CharField(max_length=60, required=False)
    mandate = serializers.RegexField(r"^[0-9]{1,18}$", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = "mandate" if attrs["method"] == "prenote" else "lease"
        wrong = {name for name in ("lease", "mandate") if (name in attrs) != (name == needed)}
        if wrong:
            words = [f"This method takes a {needed}, and nothing else."]
            raise serializers.ValidationError(dict.fromkeys(sorted(wrong), words))
        return attrs


class AmountsSerializer(Strict):
    """In any order, in cents."""

    amounts = serializers.ListField(
        child=WholeNumber(min_value=1, max_value=99), min_length=2, max_length=2
    )
