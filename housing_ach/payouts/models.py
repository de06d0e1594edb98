from typing import ClassVar

from django.db import models
from django.db.models import Q

from housing_ach.audit.fields import TxidField
from housing_ach.mandates.models import BankAccount
from housing_ach.payments.models import Order
from housing_ach.payouts.states import (
    MICRO_DEPOSIT_MOVES,
    UNDER_WAY,
    FailedWhy,
    MicroDepositStatus,
)
from housing_ach.tenants.models import VisibleQuerySet
from housing_ach.users.models import User

TRIES = 3


class MicroDepositsQuerySet(VisibleQuerySet["MicroDeposits"]):
    property_path = "order__lease__unit__property"
    tenant_path = "bank_account__tenant__user"

    def under_way(self) -> "MicroDepositsQuerySet":
        return self.filter(status__in=UNDER_WAY)


class MicroDeposits(models.Model):
    """Two small credits whose amounts the holder of the account has to tell.

    The amounts are in the payments of `order` and nowhere else of ours; no event, case, log, notice
    or page tells them. `expires_on` is the last day on which they can be told.
    """

    MOVES: ClassVar = MICRO_DEPOSIT_MOVES

    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="micro_deposits"
    )
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="micro_deposits")
    status = models.CharField(
        max_length=14, choices=MicroDepositStatus, default=MicroDepositStatus.UNSENT
    )
    failed_why = models.CharField(max_length=14, choices=FailedWhy, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = MicroDepositsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "micro-deposits"
        constraints = [
            models.UniqueConstraint(
                fields=["bank_account"],
                condition=Q(status__in=UNDER_WAY),
                name="one_micro_deposits_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(
                    status__in=[
                        MicroDepositStatus.AWAITING_INPUT,
                        MicroDepositStatus.VERIFIED,
                        MicroDepositStatus.EXPIRED,
                    ]
                )
                | Q(expires_on__isnull=False),
                name="arrived_micro_deposits_expire",
            ),
            models.CheckConstraint(
                condition=~Q(status=MicroDepositStatus.VERIFIED) | Q(verified_at__isnull=False),
                name="verified_micro_deposits_say_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=MicroDepositStatus.FAILED) | ~Q(failed_why=""),
                name="failed_micro_deposits_say_why",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} of account {self.bank_account_id}"


class MicroDepositTry(models.Model):
    """Somebody told two amounts. Which, is not kept: only whether they were right. Append-only."""

    micro_deposits = models.ForeignKey(
        MicroDeposits, on_delete=models.PROTECT, related_name="tries"
    )
    number = models.PositiveSmallIntegerField()
    right = models.BooleanField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    txid = TxidField()

    class Meta:
        verbose_name_plural = "micro-deposit tries"
        constraints = [
            models.UniqueConstraint(
                fields=["micro_deposits", "number"], name="try_is_counted_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=TRIES), name="three_tries_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"try {self.number} of {self.micro_deposits_id}"
