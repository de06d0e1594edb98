"""The payer's permission: given with its evidence, taken back at once, never widened."""

from datetime import datetime
from typing import NotRequired, TypedDict, Unpack

from django.db import transaction

from housing_ach.audit.move import move
from housing_ach.mandates.models import BankAccount, Mandate, MandateText
from housing_ach.mandates.selectors import current_text
from housing_ach.mandates.services.accounts import REASON, require_open
from housing_ach.mandates.services.plans import end_autopays
from housing_ach.mandates.states import (
    SEC_OF_CHANNEL,
    Channel,
    MandateStatus,
    Roll,
    VerificationStatus,
)
from housing_ach.shared.business_days import new_york_date
from housing_ach.shared.money import dollars
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, LeaseShare, Tenant
from housing_ach.tenants.selectors import effective_policy

# Nothing is taken from the payer any more.
ENDED = frozenset({MandateStatus.REVOKED, MandateStatus.EXPIRED})
USER_AGENT = 300


class NotAParty(Refusal):
    """Only a tenant of the lease gives permission for it, and only over an account of his own."""


class BadRange(Refusal):
    """The least and the most a debit may be, in this order, above zero."""


class NoEvidence(Refusal):
    """Permission must be provable: who signed, and over the internet from where."""


class MandateInactive(Refusal):
    """The permission is not in force."""


class NotVerified(Refusal):
    """The account must be verified before it is debited."""


class Terms(TypedDict):
    """What the payer agreed to, and how we know."""

    channel: Channel
    min_cents: int
    max_cents: int
    signed_name: str
    ip: NotRequired[str | None]
    user_agent: NotRequired[str]
    recurring: NotRequired[bool]
    roll: NotRequired[Roll | None]
    text: NotRequired[MandateText]


@transaction.atomic
def sign_mandate(
    *, tenant: Tenant, lease: Lease, bank_account: BankAccount, at: datetime, **terms: Unpack[Terms]
) -> Mandate:
    """ACTIVE where the account is verified, else PENDING_VERIFICATION; rolls as the policy says.

    Raises NotAParty, AccountNotOpen, BadRange or NoEvidence.
    """
    account = BankAccount.objects.select_for_update().get(pk=bank_account.pk)
    _check_parties(tenant, lease, account)
    require_open(account)
    _check_range(terms["min_cents"], terms["max_cents"])
    _check_evidence(terms)
    verified = account.verification == VerificationStatus.VERIFIED
    return Mandate.objects.create(
        tenant=tenant,
        lease=lease,
        bank_account=account,
        status=MandateStatus.ACTIVE if verified else MandateStatus.PENDING_VERIFICATION,
        channel=terms["channel"],
        sec_code=SEC_OF_CHANNEL[terms["channel"]],
        text=terms.get("text") or current_text(),
        recurring=terms.get("recurring", True),
        min_cents=terms["min_cents"],
        max_cents=terms["max_cents"],
        roll=terms.get("roll") or effective_policy(lease=lease).roll.value,
        signed_name=terms["signed_name"].strip(),
        signed_at=at,
        signed_ip=terms.get("ip"),
        signed_user_agent=terms.get("user_agent", "")[:USER_AGENT],
    )


def activate(mandate: Mandate) -> None:
    """A mandate that waited for its account. Raises NotVerified, AccountNotOpen, IllegalMove."""
    _require_debitable(mandate.bank_account)
    move(mandate, MandateStatus.ACTIVE)


def pause(mandate: Mandate, reason: str, at: datetime) -> None:
    move(mandate, MandateStatus.PAUSED, data=_told(reason, at))


def resume(mandate: Mandate, reason: str, at: datetime) -> None:
    """Only what was paused: a blocked mandate needs a new permission. Raises MandateInactive."""
    if mandate.status != MandateStatus.PAUSED:
        raise inactive(mandate)
    _require_debitable(mandate.bank_account)
    move(mandate, MandateStatus.ACTIVE, data=_told(reason, at))


@transaction.atomic
def revoke(mandate: Mandate, reason: str, at: datetime) -> None:
    """For good, with its plans. Revoking again does nothing.

    Payments under way are `payments.services.revoke_mandate`'s to stop: call that instead.
    """
    end_autopays(mandate, on=new_york_date(at))
    if mandate.status not in ENDED:
        move(mandate, MandateStatus.REVOKED, data=_told(reason, at), revoked_at=at)


def block(mandate: Mandate, reason: str, at: datetime) -> None:
    """No debit until a new permission (a return said so). Blocking again does nothing."""
    if mandate.status not in ENDED | {MandateStatus.BLOCKED}:
        move(mandate, MandateStatus.BLOCKED, data=_told(reason, at))


def require_active(mandate: Mandate) -> None:
    if mandate.status != MandateStatus.ACTIVE:
        raise inactive(mandate)
    _require_debitable(mandate.bank_account)


def inactive(mandate: Mandate) -> MandateInactive:
    return MandateInactive(
        f"mandate: #{mandate.pk} is {mandate.status}", field="mandate", ids=[mandate.pk]
    )


def _require_debitable(account: BankAccount) -> None:
    require_open(account)
    if account.verification != VerificationStatus.VERIFIED:
        raise NotVerified(
            f"bank_account: ••{account.last_four} is {account.verification}",
            field="bank_account",
            ids=[account.pk],
        )


def _told(reason: str, at: datetime) -> dict[str, str]:
    return {"reason": reason[:REASON], "at": at.isoformat()}


def _check_parties(tenant: Tenant, lease: Lease, account: BankAccount) -> None:
    if account.tenant_id != tenant.pk:
        raise NotAParty(
            f"bank_account: ••{account.last_four} is not the tenant's", field="bank_account"
        )
    if not LeaseShare.objects.filter(lease=lease, tenant=tenant).exists():
        raise NotAParty(f"lease: {tenant} has no share of {lease}", field="lease", ids=[lease.pk])


def _check_range(least: int, most: int) -> None:
    if least <= 0 or most < least:
        raise BadRange(
            f"max_cents: {dollars(least)} to {dollars(most)} is no range of amounts",
            field="max_cents",
        )


def _check_evidence(terms: Terms) -> None:
    if not terms["signed_name"].strip():
        raise NoEvidence("signed_name: who signed is not told", field="signed_name")
    from_device = terms.get("ip") and terms.get("user_agent")
    if terms["channel"] == Channel.INTERNET and not from_device:
        raise NoEvidence("ip: a mandate given online names its device", field="ip")
