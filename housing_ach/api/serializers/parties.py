"""What the housing system tells: the least that rent can be collected with (docs/hmis.md)."""

from typing import Any

from rest_framework import serializers

from housing_ach.api.serializers.base import Day, ExternalId, Strict, WholeNumber

MOST_PAYERS, MOST_WEIGHT = 20, 1_000_000


class PropertySerializer(Strict):
    code = serializers.RegexField(r"^[A-Za-z0-9._-]+$", max_length=20)
    name = serializers.CharField(max_length=80)
    state = serializers.RegexField(r"^[A-Z]{2}$")
    address = serializers.CharField(max_length=200, allow_blank=True, default="")
    operating_fund = serializers.CharField(max_length=20)
    deposit_fund = serializers.CharField(max_length=20)


class UnitSerializer(Strict):
    property = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=40)


class TenantSerializer(Strict):
    name = serializers.CharField(max_length=80)
    email = serializers.EmailField(max_length=254, allow_blank=True, default="")


class PayerSerializer(Strict):
    tenant = serializers.CharField(max_length=60)
    weight = WholeNumber(min_value=1, max_value=MOST_WEIGHT, default=1)


class LeaseSerializer(Strict):
    """The first payer is the primary one, who owes the odd cent."""

    unit = serializers.CharField(max_length=60)
    starts_on = Day()
    ends_on = Day(allow_null=True, default=None)
    payers = serializers.ListField(child=PayerSerializer(), min_length=1, max_length=MOST_PAYERS)
    payers_from = Day(required=False)

    def validate_payers(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({payer["tenant"] for payer in value}) < len(value):
            raise serializers.ValidationError("A tenant is named once.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_on"] and attrs["ends_on"] < attrs["starts_on"]:
            raise serializers.ValidationError({"ends_on": ["Not before the first day."]})
        return attrs


class AddressedSerializer(Strict):
    """The id in the address of a PUT."""

    external_id = ExternalId()
