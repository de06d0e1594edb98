from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from housing_ach.audit.fields import TxidField
from housing_ach.bank.models import Company
from housing_ach.ledger.models import Fund
from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.payments.states import (
    IN_FLIGHT,
    MOVES,
    Direction,
    Freed,
    Method,
    OrderKind,
    PaymentStatus,
    Purpose,
    Source,
)
from housing_ach.tenants.models import ChargeShare, Lease, Tenant, VisibleQuerySet
from housing_ach.users.models import Client, User


class Submission(models.Model):
    """What a program asked for in one request, or one dropped file: the orders of many payers.

    Its id is the API's batchId. `external_id` is the program's own name for it, and its own for ever;
    `asked_cents` all it asked for; `refused` names the items that were not granted, where the program
    wanted the others all the same.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="submissions")
    source = models.CharField(max_length=4, choices=Source)
    external_id = models.CharField(max_length=60, blank=True, default="")
    asked_count = models.PositiveIntegerField()
    asked_cents = models.BigIntegerField()
    refused = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "external_id"],
                condition=~Q(external_id=""),
                name="submission_external_id_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(asked_count__gt=0, asked_cents__gt=0), name="submission_asks_for_money"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.source}"


class OrderQuerySet(VisibleQuerySet["Order"]):
    property_path = "lease__unit__property"
    tenant_path = "tenant__user"


class Order(models.Model):
    """What a payer is asked for together; split into payments by fund."""

    kind = models.CharField(max_length=10, choices=OrderKind)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="orders")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="orders")
    autopay = models.ForeignKey(
        Autopay, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    period_on = models.DateField(null=True, blank=True)
    cents = models.BigIntegerField()
    external_id = models.CharField(max_length=60, blank=True, default="")
    submission = models.ForeignKey(
        Submission,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    metadata = models.JSONField(default=dict, db_default={}, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["autopay", "period_on"], name="autopay_runs_once_a_period"
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="order_external_id_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(kind=OrderKind.AUTOPAY, autopay__isnull=False, period_on__isnull=False)
                | ~Q(kind=OrderKind.AUTOPAY) & Q(autopay__isnull=True),
                name="autopay_order_names_its_plan",
            ),
        ]
        indexes = [
            # A page of a submission is read in order, however many came before it.
            models.Index(fields=["submission", "id"], name="order_by_submission"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class PaymentQuerySet(VisibleQuerySet["Payment"]):
    property_path = "lease__unit__property"
    tenant_path = "tenant__user"

    def in_flight(self) -> "PaymentQuerySet":
        return self.filter(status__in=IN_FLIGHT)


class Payment(models.Model):
    """ONE intended movement of money in one fund; a retry is another entry of the same payment.

    `requested_on` is the day the payer agreed to and never moves; `effective_on` is the banking
    date it is planned for. A prenote is a payment of zero cents. `released_by` looked at it after a
    rule had held it: limits do not stop it again.
    """

    MOVES: ClassVar = MOVES

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="payments")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="payments")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="payments")
    mandate = models.ForeignKey(
        Mandate, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    bank_account = models.ForeignKey(
        BankAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    direction = models.CharField(max_length=6, choices=Direction)
    method = models.CharField(max_length=6, choices=Method, default=Method.ACH)
    purpose = models.CharField(max_length=10, choices=Purpose)
    sec_code = models.CharField(max_length=3, blank=True)
    cents = models.BigIntegerField()
    status = models.CharField(max_length=18, choices=PaymentStatus)
    requested_on = models.DateField()
    effective_on = models.DateField()
    attempts = models.PositiveSmallIntegerField(default=0)
    retries = models.PositiveSmallIntegerField(default=0)
    first_settled_on = models.DateField(null=True, blank=True)
    needs_approval = models.BooleanField(default=False)
    content_sha = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="made_payments")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="approved_payments"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_sha = models.CharField(max_length=64, blank=True)
    released_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "fund"],
                condition=~Q(purpose=Purpose.MICRO_DEPOSIT),
                name="one_payment_per_order_and_fund",
            ),
            # Nacha: micro-entries are under a dollar each; ours are credits only.
            models.CheckConstraint(
                condition=~Q(purpose=Purpose.MICRO_DEPOSIT)
                | Q(direction=Direction.CREDIT, cents__lt=100),
                name="micro_deposit_is_under_a_dollar",
            ),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.PRENOTE, cents=0)
                | ~Q(purpose=Purpose.PRENOTE) & Q(cents__gt=0),
                name="payment_moves_money",
            ),
            models.CheckConstraint(
                condition=~Q(method=Method.ACH)
                | Q(bank_account__isnull=False)
                & ~Q(sec_code="")
                & (Q(mandate__isnull=False) | Q(direction=Direction.CREDIT)),
                name="ach_payment_names_its_mandate",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="payment_maker_is_not_its_checker"
            ),
            models.CheckConstraint(
                condition=~Q(released_by=F("made_by")), name="payment_maker_does_not_release_it"
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(
                    status__in=[
                        PaymentStatus.HELD,
                        PaymentStatus.AWAITING_APPROVAL,
                        PaymentStatus.CANCELLED,
                    ]
                )
                | Q(approved_by__isnull=False, approved_sha=F("content_sha")) & ~Q(approved_sha=""),
                name="payment_is_approved_as_it_is",
            ),
            # Nacha: at most two reinitiations of one original entry.
            models.CheckConstraint(condition=Q(retries__lte=2), name="at_most_two_retries"),
        ]
        indexes = [
            # What is planned is summed up from the index alone.
            models.Index(
                fields=["status", "effective_on"],
                include=["direction", "purpose", "cents"],
                name="payment_by_plan",
            ),
            models.Index(fields=["effective_on", "id"], name="payment_by_day"),
            # What a day holds is known before each payment: summed up from the index alone too.
            models.Index(
                fields=["effective_on", "direction", "fund"],
                include=["status", "cents"],
                name="payment_by_limit",
            ),
            models.Index(fields=["lease", "fund"], name="payment_by_lease"),
            models.Index(
                fields=["lease"],
                condition=Q(status__in=IN_FLIGHT),
                name="payment_in_flight_by_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.purpose} {self.effective_on}"


class PaymentTarget(models.Model):
    """The shares a payment was made for; in flight for a share is the sum of these. Append-only."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="targets")
    share = models.ForeignKey(ChargeShare, on_delete=models.PROTECT, related_name="targets")
    cents = models.BigIntegerField()
    txid = TxidField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "share"], name="target_is_named_once"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="target_takes_money"),
        ]

    def __str__(self) -> str:
        return f"payment {self.payment_id} for share {self.share_id}"


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def live(self) -> "AllocationQuerySet":
        return self.filter(~Exists(Release.objects.filter(allocation=OuterRef("pk"))))


class Allocation(models.Model):
    """Where settled cents of a payment are: on a share, or (share null) prepaid or unapplied.

    Append-only: an allocation is live until a `Release` names it.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    share = models.ForeignKey(
        ChargeShare, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    cents = models.BigIntegerField()
    made_at = models.DateTimeField()
    txid = TxidField()

    objects = AllocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="allocation_has_money"),
        ]
        indexes = [
            models.Index(
                fields=["payment"], condition=Q(share__isnull=True), name="allocation_kept_ahead"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} of payment {self.payment_id}"


class Release(models.Model):
    """The end of an allocation, whole: its cents were applied elsewhere, or came back. Append-only."""

    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, related_name="release")
    reason = models.CharField(max_length=10, choices=Freed)
    made_at = models.DateTimeField()
    txid = TxidField()

    def __str__(self) -> str:
        return f"release of allocation {self.allocation_id}"


class Limit(models.Model):
    """The most one payment, and all payments of one effective day, may move; null: no limit."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="limits")
    direction = models.CharField(max_length=6, choices=Direction)
    per_payment_cents = models.BigIntegerField(null=True, blank=True)
    per_day_cents = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "direction"], name="one_limit_per_direction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} of company {self.company_id}"
