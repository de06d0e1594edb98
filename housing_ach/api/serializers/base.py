"""What every body is checked by: field by field; a field nobody reads is refused."""

from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {name: [serializers.ErrorDetail("Unknown field.", "unknown")] for name in unknown}
            )
        return super().to_internal_value(data)


class WholeNumber(serializers.IntegerField):
    """Cents: no text, no fraction, no true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(super().to_internal_value(data))
