from datetime import UTC, date, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from housing_ach.api.serializers.base import Choice, Strict, WholeNumber
from housing_ach.sandbox.ahead import MOST_DAYS
from housing_ach.sandbox.bank.magic import CORRECTION_CODES, RETURN_CODES

DATE = len("2026-12-05")


@extend_schema_field({"type": "string"})
class MomentField(serializers.Field[Any, Any, Any, Any]):
    """A date, which is its midnight in New York, or an instant that says its offset."""

    default_error_messages = {"invalid": "A date, or an instant with its offset."}

    def to_internal_value(self, data: Any) -> datetime | date:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            if len(data) == DATE:
                return date.fromisoformat(data)
            at = datetime.fromisoformat(data)
            if at.tzinfo is None:
                self.fail("invalid")
            return at.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")


class AdvanceSerializer(Strict):
    to = MomentField(required=False)
    days = WholeNumber(min_value=1, max_value=MOST_DAYS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"to": ["Either to or days."]})
        return attrs


class NothingSerializer(Strict):
    """A body without fields."""


class ReturnSerializer(Strict):
    code = Choice(choices=sorted(RETURN_CODES))


class CorrectionSerializer(Strict):
    code = Choice(choices=sorted(CORRECTION_CODES))
