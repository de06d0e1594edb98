"""What every body is checked by: field by field; a field nobody reads is refused."""

from typing import Any, ClassVar

from rest_framework import serializers

from housing_ach.tenants.models.parties import EXTERNAL_ID


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


class ExternalId(serializers.RegexField):
    """The program's own name of a thing: fit for an address."""

    def __init__(self, **more: Any) -> None:
        super().__init__(r"^[A-Za-z0-9._:-]+$", max_length=EXTERNAL_ID, **more)


class Choice(serializers.ChoiceField):
    """What was sent is not told again: it may stand in the wrong field."""

    default_error_messages: ClassVar = {"invalid_choice": "That is none of the choices."}


class Day(serializers.DateField):
    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **more)
