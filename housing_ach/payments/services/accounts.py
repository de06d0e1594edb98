"""Taking a bank account out of use, as its holder wishes."""

from datetime import datetime

from django.db import transaction

from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.services import close_account, revoke
from housing_ach.payments.models import Payment
from housing_ach.payments.services.locking import lock_leases
from housing_ach.shared.problems import Refusal

REMOVED = "removed by its holder"


class AccountInUse(Refusal):
    """Autopay takes from the account, or a payment of it is on its way: those come first."""


@transaction.atomic
def remove_account(account: BankAccount, *, at: datetime) -> None:
    """For good, with the permissions on it; what was paid from it is kept. Raises AccountInUse."""
    mandates = Mandate.objects.filter(bank_account=account)
    lock_leases(mandates.values_list("lease_id", flat=True))
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    plans = Autopay.objects.filter(mandate__in=mandates, ends_on=None)
    if plans.exists() or Payment.objects.in_flight().filter(bank_account=locked).exists():
        raise AccountInUse(
            f"bank_account: ••{locked.last_four} is in use", field="bank_account", ids=[locked.pk]
        )
    for mandate in mandates.order_by("pk"):
        revoke(mandate, REMOVED, at)
    close_account(locked, REMOVED)
    account.refresh_from_db()
