from datetime import UTC
from typing import Any

from rest_framework import serializers

from housing_ach.api.serializers.base import Choice, Strict, WholeNumber
from housing_ach.api.serializers.money import MOST_CENTS
from housing_ach.mandates.states import Channel, Roll


class EvidenceSerializer(Strict):
    """How the payer's permission can be proved (Nacha 2.3.2.5, 12 CFR 1005.10(b)).

    A mandate given over the internet names its device.
    """

    signed_name = serializers.CharField(max_length=80)
    signed_at = serializers.DateTimeField(default_timezone=UTC)
    ip = serializers.IPAddressField(required=False)
    user_agent = serializers.CharField(max_length=300, required=False)


class MandateSerializer(Strict):
    tenant = serializers.CharField(max_length=60)
    lease = serializers.CharField(max_length=60)
    bank_account = serializers.UUIDField()
    text_version = serializers.CharField(max_length=20)
    channel = Choice(choices=[name.lower() for name in Channel.values])
    recurring = serializers.BooleanField(default=True)
    min_amount = WholeNumber(min_value=1, max_value=MOST_CENTS, default=1)
    max_amount = WholeNumber(min_value=1, max_value=MOST_CENTS)
    currency = Choice(choices=["USD"])
    roll = Choice(choices=[name.lower() for name in Roll.values], required=False)
    evidence = EvidenceSerializer()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["max_amount"] < attrs["min_amount"]:
            raise serializers.ValidationError({"max_amount": ["Not less than the least."]})
        return attrs
