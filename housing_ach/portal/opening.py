"""The account a form names: one that is there, or a new one, whose number goes into the vault."""

from datetime import datetime

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import AccountKnown, add_bank_account
from housing_ach.mandates.states import AccountStatus, AccountType
from housing_ach.portal.forms.accounts import AccountForm
from housing_ach.tenants.models import Tenant


def account_from(form: AccountForm, tenant: Tenant, *, at: datetime) -> BankAccount:
    """A form sent twice gives the same account. Raises what `add_bank_account` raises."""
    if form.chosen is not None:
        return form.chosen
    told = form.cleaned_data
    terms = {name: told[name] for name in ("holder_name", "routing")}
    terms["account_type"] = AccountType(told["account_type"])
    try:
        return add_bank_account(
            tenant=tenant, account_number=told["account_number"], at=at, **terms
        )
    except AccountKnown as known:
        same = BankAccount.objects.filter(
            tenant=tenant, pk__in=[str(pk) for pk in known.ids], status=AccountStatus.OPEN, **terms
        ).first()
        if same is None:
            raise
        return same
