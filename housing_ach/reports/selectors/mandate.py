"""An authorization as it was signed: the copy Regulation E owes the payer (12 CFR 1005.10(b))."""

from dataclasses import dataclass
from datetime import date, datetime

from housing_ach.mandates.models import Autopay, Mandate
from housing_ach.mandates.states import MandateStatus


@dataclass(frozen=True)
class Plan:
    """The payer's automatic payments by this authorization."""

    mode: str
    cents: int | None
    day_of_month: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class MandateCopy:
    """`payees` are the names and ids the payer's bank statement may show."""

    mandate_id: int
    tenant: str
    unit: str
    property: str
    address: str
    payees: list[str]
    account_type: str
    last_four: str
    holder_name: str
    recurring: bool
    sec_code: str
    channel: str
    min_cents: int
    max_cents: int
    roll: str
    signed_name: str
    signed_at: datetime
    signed_ip: str
    text_version: str
    text_language: str
    text_sha256: str
    text_body: str
    revoked_at: datetime | None
    plan: Plan | None


def mandate_copy(mandate: Mandate) -> MandateCopy:
    home, account, text = mandate.lease.unit.property, mandate.bank_account, mandate.text
    funds = (home.operating_fund, home.deposit_fund)
    companies = {fund.company_id: fund.company for fund in funds}
    return MandateCopy(
        mandate_id=mandate.pk,
        tenant=mandate.tenant.name,
        unit=mandate.lease.unit.name,
        property=home.name,
        address=home.address,
        payees=[str(company) for company in companies.values()],
        account_type=account.account_type,
        last_four=account.last_four,
        holder_name=account.holder_name,
        recurring=mandate.recurring,
        sec_code=mandate.sec_code,
        channel=mandate.channel,
        min_cents=mandate.min_cents,
        max_cents=mandate.max_cents,
        roll=mandate.roll,
        signed_name=mandate.signed_name,
        signed_at=mandate.signed_at,
        signed_ip=str(mandate.signed_ip or ""),
        text_version=text.version,
        text_language=text.language,
        text_sha256=text.sha256,
        text_body=text.body,
        revoked_at=mandate.revoked_at if mandate.status == MandateStatus.REVOKED else None,
        plan=_plan(mandate),
    )


def _plan(mandate: Mandate) -> Plan | None:
    autopay = Autopay.objects.filter(mandate=mandate).order_by("-pk").first()
    if autopay is None:
        return None
    return Plan(
        mode=autopay.mode,
        cents=autopay.cents,
        day_of_month=autopay.day_of_month,
        starts_on=autopay.starts_on,
        ends_on=autopay.ends_on,
    )
