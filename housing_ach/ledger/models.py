from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from housing_ach.audit.fields import TxidField
from housing_ach.bank.models import Company
from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.drafts import Key
from housing_ach.ledger.states import FundKind


class Fund(models.Model):
    """One bank account and one Company. Money crosses funds only as a bank transfer."""

    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=FundKind)
    name = models.CharField(max_length=80)
    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="fund")
    closed_through = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code

    def first_open_day(self, on: date) -> date:
        """`on`, or the day after the closed period: what comes late is posted there."""
        return max(on, self.closed_through + timedelta(days=1)) if self.closed_through else on


class Account(models.Model):
    """A number of the chart in one fund; `party` ("tenant:12") and `lease` (0: none) are part of it.

    Made by the first posting that names it, and append-only.
    """

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(max_length=4)
    party = models.CharField(max_length=40, default="", blank=True)
    lease = models.BigIntegerField(default=0)
    txid = TxidField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "number", "party", "lease"], name="account_is_unique"
            ),
            # The target of the transfers' composite foreign keys: both sides are of one fund.
            models.UniqueConstraint(fields=["id", "fund"], name="account_names_its_fund"),
        ]
        indexes = [models.Index(fields=["lease", "number"], name="account_by_lease")]

    def __str__(self) -> str:
        lease = f"lease:{self.lease}" if self.lease else ""
        return " ".join(filter(None, [f"{self.fund_id}/{self.number}", self.party, lease]))

    @property
    def key(self) -> Key:
        return Key(self.fund_id, self.number, self.party, self.lease)

    @property
    def name(self) -> str:
        return NAMES[self.number]


class Balance(models.Model):
    """Debits less credits of an account, kept by the database as transfers are inserted."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True)
    cents = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"balance of account {self.account_id}"


class Journal(models.Model):
    """One event in the books: never changed, only reversed."""

    # No index leads with the fund: the transfers' foreign keys would be looked up by it while there are
    # few journals, and the session keeps that plan.
    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="journals", db_index=False
    )
    kind = models.CharField(max_length=40)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    reverses = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    txid = TxidField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reverses"], name="journal_is_reversed_once"),
            # With this, the transfers' composite foreign keys hold them to their journal's fund.
            models.UniqueConstraint(fields=["id", "fund"], name="journal_names_its_fund"),
        ]
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="journal_by_subject"),
            models.Index(fields=["effective_on", "fund"], name="journal_by_date"),
            # What was made since is asked for by the ERP's planning.
            models.Index(fields=["txid"], name="journal_by_txid"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.effective_on}"


class Transfer(models.Model):
    """Cents from one account to another of the same fund: balanced by construction.

    The foreign keys are composite, (journal, fund), (debit, fund) and (credit, fund): no transfer
    crosses funds. A migration adds them, Django has no words for them.
    """

    journal = models.ForeignKey(
        Journal, on_delete=models.PROTECT, related_name="transfers", db_constraint=False
    )
    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_constraint=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_constraint=False
    )
    cents = models.BigIntegerField()
    reference = models.CharField(max_length=120)
    txid = TxidField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="transfer_moves_money"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_has_two_sides"),
            models.UniqueConstraint(fields=["reference"], name="reference_is_posted_once"),
        ]

    def __str__(self) -> str:
        return self.reference
