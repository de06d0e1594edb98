from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from housing_ach.audit.fields import TxidField
from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.payments.models import Payment
from housing_ach.reconciliation.states import (
    MOVES,
    Fate,
    Form,
    NamedBy,
    ReconciliationStatus,
    Said,
)
from housing_ach.users.models import Client

FATES = ("matched", "tentative", "contradicted", "unknown")


class Reconciliation(models.Model):
    """A day's settlement file of a client; its exact bytes are sealed in the vault.

    `errors` say, by line, why a file is QUARANTINED, the first of them; `error_count` counts all.
    """

    MOVES: ClassVar = MOVES

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="reconciliations")
    form = models.CharField(max_length=10, choices=Form)
    status = models.CharField(max_length=12, choices=ReconciliationStatus)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sealed = models.UUIDField()
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    line_count = models.PositiveIntegerField(default=0)
    cents = models.BigIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    tentative = models.PositiveIntegerField(default=0)
    contradicted = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "sha256"], name="reconciliation_is_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    line_count=F("matched") + F("tentative") + F("contradicted") + F("unknown")
                ),
                name="every_line_has_one_fate",
            ),
            models.CheckConstraint(
                condition=Q(status=ReconciliationStatus.RECEIVED, finished_at__isnull=True)
                | ~Q(status=ReconciliationStatus.RECEIVED) & Q(finished_at__isnull=False),
                name="finished_reconciliation_says_when",
            ),
            models.CheckConstraint(
                condition=Q(status=ReconciliationStatus.QUARANTINED, error_count__gt=0)
                | ~Q(status=ReconciliationStatus.QUARANTINED) & Q(error_count=0),
                name="quarantined_reconciliation_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(status=ReconciliationStatus.RECEIVED),
                name="reconciliation_to_apply",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.form}"


class Line(models.Model):
    """A client's word about one entry: tentative evidence, which moves nothing. Append-only.

    `name` is what the client called it by; `entry` is null where nothing we sent is called so.
    """

    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.PROTECT, related_name="lines"
    )
    number = models.PositiveIntegerField()
    named_by = models.CharField(max_length=11, choices=NamedBy)
    name = models.CharField(max_length=60)
    said = models.CharField(max_length=8, choices=Said)
    code = models.CharField(max_length=3, blank=True)
    cents = models.BigIntegerField()
    on = models.DateField()
    fate = models.CharField(max_length=12, choices=Fate)
    message = models.CharField(max_length=200, blank=True)
    entry = models.ForeignKey(
        Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="client_words"
    )
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="client_words"
    )
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    txid = TxidField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "number"], name="line_is_compared_once"
            ),
            models.CheckConstraint(
                condition=Q(fate=Fate.UNKNOWN, entry__isnull=True)
                | ~Q(fate=Fate.UNKNOWN) & Q(entry__isnull=False),
                name="only_an_unknown_line_has_no_entry",
            ),
            models.CheckConstraint(
                condition=Q(said=Said.RETURNED) & ~Q(code="") | Q(said=Said.SETTLED, code=""),
                name="return_names_its_code",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number}"
