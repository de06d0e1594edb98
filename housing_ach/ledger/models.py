from django.db import models
from django.db.models import F, Q

from housing_ach.audit.fields import TxidField
from housing_ach.bank.models import Company
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


class Account(models.Model):
    """A number of the chart in one fund; `party` ("tenant:12") and `lease` (0: none) are part of it."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(max_length=4)
    party = models.CharField(max_length=40, default="", blank=True)
    lease = models.BigIntegerField(default=0)

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
        return " ".join(filter(None, [self.number, self.party, self.lease and f"lease:{self.lease}"]))


class Balance(models.Model):
    """Debits less credits of an account, kept by the database as transfers are inserted."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True)
    cents = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"balance of account {self.account_id}"


class Journal(models.Model):
    """One event in the books: never changed, only reversed."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="journals")
    kind = models.CharField(max_length=40)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT)
    txid = TxidField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="journal_by_subject"),
            models.Index(fields=["fund", "effective_on"], name="journal_by_date"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.effective_on}"


class Transfer(models.Model):
    """Cents from one account to another of the same fund: balanced by construction."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="transfers")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    cents = models.BigIntegerField()
    reference = models.CharField(max_length=100, unique=True)
    txid = TxidField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="transfer_moves_money"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_has_two_sides"),
        ]

    def __str__(self) -> str:
        return self.reference
