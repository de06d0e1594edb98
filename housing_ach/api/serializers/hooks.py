from datetime import UTC
from typing import Any

from rest_framework import serializers

from housing_ach.api.serializers.base import Choice, Strict
from housing_ach.webhooks.catalogue import KINDS

LONGEST = 500


class NothingSerializer(Strict):
    """A body without a field."""


class EndpointSerializer(Strict):
    """No `kinds`: everything is told."""

    url = serializers.CharField(max_length=LONGEST)
    kinds = serializers.ListField(
        child=Choice(choices=sorted(KINDS)), required=False, max_length=len(KINDS)
    )
    description = serializers.CharField(max_length=200, allow_blank=True, required=False)


class ChangeSerializer(EndpointSerializer):
    url = serializers.CharField(max_length=LONGEST, required=False)
    status = Choice(choices=["active", "paused"], required=False)


class RangeSerializer(Strict):
    """What was queued from `since` to before `until`."""

    since = serializers.DateTimeField(default_timezone=UTC)
    until = serializers.DateTimeField(default_timezone=UTC)
    failed_only = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["until"] <= attrs["since"]:
            raise serializers.ValidationError({"until": ["Not after since."]})
        return attrs
