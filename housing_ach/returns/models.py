from django.db import models
from django.db.models import Q

from housing_ach.audit.fields import TxidField
from housing_ach.batches.models import BankFile, Entry
from housing_ach.mandates.models import BankAccountVersion
from housing_ach.payments.states import Direction
from housing_ach.returns.states import CorrectionStatus, ReturnKind
from housing_ach.tenants.models import VisibleQuerySet


class ReturnQuerySet(VisibleQuerySet["Return"]):
    property_path = "entry__payment__lease__unit__property"


class Return(models.Model):
    """What a 99 addenda said. Append-only; entry is null where it matches none, or a second time.

    `direction` is the entry's, kept here for return rates, which never read an entry.

    A return waits while its entry is FROZEN (the bank answered before our own books knew the file
    was out); it is applied once the entry is RETURNED.
    """

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="returns")
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ReturnKind)
    code = models.CharField(max_length=3)
    original_trace = models.CharField(max_length=15)
    return_trace = models.CharField(max_length=15)
    original_rdfi = models.CharField(max_length=8)
    cents = models.BigIntegerField()
    information = models.CharField(max_length=44, blank=True)
    died_on = models.DateField(null=True, blank=True)
    banking_on = models.DateField()
    entry = models.ForeignKey(
        Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="returns"
    )
    direction = models.CharField(max_length=6, choices=Direction, blank=True)
    received_at = models.DateTimeField()
    txid = TxidField()

    objects = ReturnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["original_trace", "return_trace", "code"], name="return_is_applied_once"
            ),
            models.UniqueConstraint(fields=["entry", "kind"], name="entry_is_returned_once"),
            models.CheckConstraint(
                condition=Q(entry__isnull=True, direction="")
                | Q(entry__isnull=False) & ~Q(direction=""),
                name="return_has_the_direction_of_its_entry",
            ),
        ]
        # Rates are read from the index alone.
        indexes = [
            models.Index(
                fields=["banking_on", "kind"],
                include=["direction", "code", "cents"],
                name="return_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.original_trace}"


class CorrectionQuerySet(VisibleQuerySet["Correction"]):
    property_path = "entry__payment__lease__unit__property"


class Correction(models.Model):
    """What a 98 addenda said about an entry (notification of change). No money moves. Append-only.

    Account numbers in the corrected data are never stored: the new account version is.
    """

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="corrections")
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=3)
    original_trace = models.CharField(max_length=15)
    correction_trace = models.CharField(max_length=15)
    original_rdfi = models.CharField(max_length=8)
    status = models.CharField(max_length=10, choices=CorrectionStatus)
    changed = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    banking_on = models.DateField()
    entry = models.ForeignKey(
        Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    new_version = models.ForeignKey(
        BankAccountVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    received_at = models.DateTimeField()
    txid = TxidField()

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["original_trace", "correction_trace", "code"],
                name="correction_is_applied_once",
            ),
        ]
        indexes = [models.Index(fields=["original_trace"], name="correction_by_trace")]

    def __str__(self) -> str:
        return f"{self.code} of {self.original_trace}"
