from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from housing_ach.tenants.models.parties import Property, VisibleQuerySet
from housing_ach.tenants.states import PartialRule, Roll, VerificationOffer
from housing_ach.users.models import User

WHOLE_BPS = 10_000
REMINDER_DAYS = tuple(range(1, 32))


class PolicyQuerySet(VisibleQuerySet["Policy"]):
    property_path = "property"


class Policy(models.Model):
    """What is in force for a property, or without one for the whole organisation.

    Empty or null: not said here, so that the level above decides. One row a level; what it was
    before is in the audit. `partial_bps` are hundredths of a percent of the balance.
    """

    property = models.OneToOneField(
        Property, null=True, blank=True, on_delete=models.PROTECT, related_name="policy"
    )
    partial = models.CharField(max_length=12, choices=PartialRule, blank=True)
    partial_cents = models.BigIntegerField(null=True, blank=True)
    partial_bps = models.PositiveIntegerField(null=True, blank=True)
    verification = ArrayField(
        models.CharField(max_length=10, choices=VerificationOffer), null=True, blank=True
    )
    roll = models.CharField(max_length=10, choices=Roll, blank=True)
    reminder_days = ArrayField(models.PositiveSmallIntegerField(), null=True, blank=True)
    nsf_fee_cents = models.BigIntegerField(null=True, blank=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["property"], nulls_distinct=False, name="one_policy_a_level"
            ),
            models.CheckConstraint(
                condition=Q(
                    partial=PartialRule.MIN_AMOUNT, partial_cents__isnull=False, partial_cents__gt=0
                )
                | ~Q(partial=PartialRule.MIN_AMOUNT) & Q(partial_cents__isnull=True),
                name="least_amount_is_said_with_its_rule",
            ),
            models.CheckConstraint(
                condition=Q(
                    partial=PartialRule.MIN_PERCENT,
                    partial_bps__isnull=False,
                    partial_bps__gte=1,
                    partial_bps__lte=WHOLE_BPS,
                )
                | ~Q(partial=PartialRule.MIN_PERCENT) & Q(partial_bps__isnull=True),
                name="least_percent_is_said_with_its_rule",
            ),
            models.CheckConstraint(
                condition=Q(verification__isnull=True)
                | Q(verification__len__gt=0, verification__contained_by=VerificationOffer.values),
                name="some_known_verification_is_offered",
            ),
            models.CheckConstraint(
                condition=Q(reminder_days__isnull=True)
                | Q(reminder_days__contained_by=list(REMINDER_DAYS)),
                name="reminders_are_a_month_ahead_at_most",
            ),
            models.CheckConstraint(
                condition=Q(nsf_fee_cents__isnull=True) | Q(nsf_fee_cents__gte=0),
                name="nsf_fee_is_an_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"policy of {self.property or 'the organization'}"
