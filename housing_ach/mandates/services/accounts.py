"""Bank accounts: the number goes into the vault, and nothing here keeps or tells it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from housing_ach.audit.move import move, move_all
from housing_ach.bank.services import refuse_sandbox_routing
from housing_ach.mandates.models import BankAccount, BankAccountVersion, Mandate
from housing_ach.mandates.selectors import open_number, seal_context
from housing_ach.mandates.states import (
    MANDATE_MOVES,
    AccountStatus,
    AccountType,
    MandateStatus,
)
from housing_ach.nacha import valid_routing
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Tenant
from housing_ach.vault.services import fingerprint, fingerprints, seal

# Nacha: up to 17 characters, leading zeros and hyphens kept, spaces dropped.
NUMBER = re.compile(r"[0-9A-Za-z-]{4,17}", re.ASCII)
ROUTING = re.compile(r"[0-9]{9}", re.ASCII)
REASON = 120
TERMS = ("routing", "account_type", "holder_name")
CORRECTED = (*TERMS, "individual_id")
BLOCKABLE = [was for was, next_ in MANDATE_MOVES.items() if MandateStatus.BLOCKED in next_]


class BadRouting(Refusal):
    """Not nine digits with the check digit of a routing number."""


class BadAccountNumber(Refusal):
    """Not 4 to 17 letters, digits and hyphens."""


class BadHolder(Refusal):
    """An account has a holder whose name fits."""


class BadAccountType(Refusal):
    """An account is CHECKING or SAVINGS."""


class AccountKnown(Refusal):
    """The tenant has this account already."""


class AccountNotOpen(Refusal):
    """A closed or blocked account is not debited."""


def masked(number: str) -> str:
    """The last four of a number long enough to hide the rest."""
    return f"••{last_four(number)}" if last_four(number) else "••"


def last_four(number: str) -> str:
    return number[-4:] if len(number) > 4 else ""


@transaction.atomic
def add_bank_account(
    *,
    tenant: Tenant,
    holder_name: str,
    routing: str,
    account_number: str,
    account_type: AccountType,
    at: datetime,
) -> BankAccount:
    """Raises BadRouting, BadAccountNumber, BadAccountType, BadHolder or AccountKnown."""
    account = BankAccount(
        tenant=tenant, created_at=at, **_checked(routing, account_type, holder_name)
    )
    _put_number(account, checked_number(account_number))
    _save(account)
    _keep_version(account, reason="added", at=at)
    return account


@transaction.atomic
def correct_account(
    account: BankAccount, *, reason: str, at: datetime, **changes: str | None
) -> BankAccountVersion:
    """A new version of what differs: routing, account_number, account_type, holder_name or
    individual_id.

    Without a difference the version in force. Verification stays: the account's own bank said so. Opens
    the number in force, so only the worker corrects. Raises what `add_bank_account` raises.
    """
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    given = {name: value for name, value in changes.items() if value is not None}
    number = open_number(locked)
    wanted = checked_number(given.pop("account_number", number))
    before = {name: getattr(locked, name) for name in CORRECTED}
    individual_id = given.pop("individual_id", locked.individual_id)
    terms = _checked(**{**_terms_of(locked), **given}) | {"individual_id": individual_id}
    if (terms, wanted) == (before, number):
        return locked.versions.get(version=locked.version)
    _set(locked, **terms)
    if (wanted, locked.routing) != (number, before["routing"]):
        _put_number(locked, wanted)
    locked.version += 1
    _save(locked)
    version = _keep_version(locked, reason=reason, at=at)
    account.refresh_from_db()
    return version


def close_account(account: BankAccount, reason: str) -> None:
    """For good: its bank said so. Mandates on it are blocked. Closing again does nothing."""
    _stop(account, AccountStatus.CLOSED, reason)


def block_account(account: BankAccount, reason: str) -> None:
    """Until somebody looks at it. Mandates on it are blocked. Blocking again does nothing."""
    _stop(account, AccountStatus.BLOCKED, reason)


def require_open(account: BankAccount) -> None:
    if account.status != AccountStatus.OPEN:
        raise AccountNotOpen(
            f"bank_account: ••{account.last_four} is {account.status}",
            field="bank_account",
            ids=[account.pk],
        )


def checked_routing(routing: str) -> str:
    """Refused masked: what stands in the wrong field may be an account number."""
    digits = routing.strip()
    if not ROUTING.fullmatch(digits):
        raise BadRouting(f"routing: {masked(digits)} is not nine digits", field="routing")
    if not valid_routing(digits) or not int(digits):
        raise BadRouting(f"routing: the check digit of {masked(digits)} is wrong", field="routing")
    refuse_sandbox_routing(digits)
    return digits


def checked_number(number: str) -> str:
    """Without its spaces; the refusal never tells it."""
    kept = "".join(number.split())
    if not NUMBER.fullmatch(kept) or not kept.strip("0-"):
        raise BadAccountNumber(
            "account_number: is not 4 to 17 letters, digits and hyphens", field="account_number"
        )
    return kept


def _checked(routing: str, account_type: str, holder_name: str) -> dict[str, str]:
    name = " ".join(holder_name.split())
    if not 0 < len(name) <= 80:
        raise BadHolder("holder_name: takes 1 to 80 characters", field="holder_name")
    if account_type not in AccountType.values:
        raise BadAccountType(
            f"account_type: {masked(account_type)} is not CHECKING or SAVINGS",
            field="account_type",
        )
    return {
        "routing": checked_routing(routing),
        "account_type": account_type,
        "holder_name": name,
    }


def _set(account: BankAccount, **terms: str) -> None:
    for name, value in terms.items():
        setattr(account, name, value)


def _terms_of(account: BankAccount) -> dict[str, str]:
    return {name: getattr(account, name) for name in TERMS}


def _put_number(account: BankAccount, number: str) -> None:
    _require_unknown(account, number)
    context = seal_context(account.tenant_id, account.routing)
    account.token = seal("money", number.encode(), context=context)
    account.fingerprint_key, account.fingerprint = fingerprint(account.routing, number)
    account.last_four = last_four(number)


def _require_unknown(account: BankAccount, number: str) -> None:
    prints = Q()
    for key, print_ in fingerprints(account.routing, number):
        prints |= Q(fingerprint_key=key, fingerprint=print_)
    others = BankAccount.objects.filter(prints, tenant=account.tenant_id).exclude(pk=account.pk)
    known = others.exclude(status=AccountStatus.CLOSED).first()
    if known is not None:
        raise _known(number, known.pk)


def _known(number: str, *ids: int) -> AccountKnown:
    return AccountKnown(
        f"account_number: the tenant has {masked(number)} already", field="account_number", ids=ids
    )


def _save(account: BankAccount) -> None:
    """The database has the last word on duplicates: somebody may have been faster."""
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        if "tenant_has_an_account_once" not in str(error):
            raise
        raise _known(f"{'•' * 9}{account.last_four}") from None


def _keep_version(account: BankAccount, *, reason: str, at: datetime) -> BankAccountVersion:
    same: Mapping[str, Any] = {
        name: getattr(account, name) for name in ("version", "last_four", "token", *CORRECTED)
    }
    return account.versions.create(**same, reason=reason[:REASON], created_at=at)


@transaction.atomic
def _stop(account: BankAccount, to: AccountStatus, reason: str) -> None:
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    if locked.status not in {to, AccountStatus.CLOSED}:
        move(locked, to, data={"reason": reason[:REASON]})
    move_all(
        Mandate.objects.filter(bank_account=locked),
        MandateStatus.BLOCKED,
        from_=BLOCKABLE,
        data={"reason": reason[:REASON]},
    )
    account.status = locked.status
