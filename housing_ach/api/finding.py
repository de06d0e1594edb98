"""What a program names by an external id, as a row; NotThere says which field names nothing."""

from collections.abc import Collection, Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from housing_ach.api.problems import NotThere
from housing_ach.ledger.models import Fund
from housing_ach.mandates.models import BankAccount, BankAccountVersion, Mandate, MandateText
from housing_ach.tenants.models import Lease, Property, Tenant, Unit

Row = TypeVar("Row")
WORDS = "There is no such thing."


def property_named(name: str) -> Property:
    return _found(
        Property.objects.exclude(external_id="").filter(external_id=name).first(), "property"
    )


def unit_named(name: str) -> Unit:
    rows = Unit.objects.exclude(external_id="").filter(external_id=name)
    return _found(rows.select_related("property").first(), "unit")


def lease_named(name: str) -> Lease:
    rows = Lease.objects.filter(external_id=name).select_related("unit__property")
    return _found(rows.first(), "lease")


def tenant_named(name: str) -> Tenant:
    return _found(Tenant.objects.filter(external_id=name).first(), "tenant")


def tenants_named(names: Iterable[str], *, field: str) -> dict[str, Tenant]:
    wanted = list(names)
    found = {row.external_id: row for row in Tenant.objects.filter(external_id__in=wanted)}
    if set(wanted) - set(found):
        raise NotThere(WORDS, field=field)
    return found


def fund_named(code: str, kind: str, *, field: str) -> Fund:
    return _found(Fund.objects.filter(code=code, kind=kind).first(), field)


def accounts_by_token(token: UUID) -> QuerySet[BankAccount]:
    """A corrected account has another token; the ones it had still mean it."""
    versions = BankAccountVersion.objects.filter(token=token)
    return BankAccount.objects.filter(pk__in=versions.values("account"))


def accounts_of_tokens(tokens: Collection[UUID]) -> dict[UUID, int]:
    if not tokens:
        return {}
    versions = BankAccountVersion.objects.filter(token__in=tokens)
    return dict(versions.values_list("token", "account_id"))


def account_named(token: UUID) -> BankAccount:
    return _found(accounts_by_token(token).first(), "bank_account")


def mandate_of_account(name: str, account: BankAccount) -> Mandate:
    rows = Mandate.objects.filter(pk=int(name), bank_account=account)
    return _found(rows.select_related("lease__unit__property").first(), "mandate")


def text_named(version: str) -> MandateText:
    return _found(MandateText.objects.filter(version=version).first(), "text_version")


def _found(row: Row | None, field: str) -> Row:
    if row is None:
        raise NotThere(WORDS, field=field)
    return row
