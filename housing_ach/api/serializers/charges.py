from rest_framework import serializers

from housing_ach.api.serializers.base import Choice, Day, ExternalId, Strict, WholeNumber
from housing_ach.api.serializers.money import LONG_NUMBER, MOST_CENTS
from housing_ach.tenants.states import ChargeKind

# Rent is raised by the lease's schedule, and NSF fees by the rule of their state.
OURS = {ChargeKind.RENT, ChargeKind.NSF_FEE}
KINDS = [kind.lower() for kind in ChargeKind if kind not in OURS]


class ChargeSerializer(Strict):
    """What a lease owes once. `tenant`: he alone; else everybody who has a share of it that day."""

    external_id = ExternalId()
    lease = serializers.CharField(max_length=60)
    tenant = serializers.CharField(max_length=60, required=False)
    kind = Choice(choices=KINDS)
    amount = WholeNumber(min_value=1, max_value=MOST_CENTS)
    currency = Choice(choices=["USD"])
    due_on = Day()
    memo = serializers.CharField(max_length=120, allow_blank=True, default="")

    def validate_memo(self, value: str) -> str:
        if LONG_NUMBER.search(value):
            raise serializers.ValidationError(
                "That looks like the number of an account or a person: it is not kept here."
            )
        return value
