"""What payers are told about their accounts, authorizations and plans."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.audit.models import Event
from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.states import AutopayMode, MandateStatus, VerificationStatus
from housing_ach.notices.services.drafts import ENDING, Draft, Rows, link, news, sender_of
from housing_ach.notices.states import Kind
from housing_ach.notices.templatetags.letters import Cents
from housing_ach.payouts.models import MicroDeposits
from housing_ach.payouts.states import MicroDepositStatus
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import LeaseShare, Tenant
from housing_ach.users.models import User

AUTOPAY, MANDATE, ACCOUNT = (model._meta.label_lower for model in (Autopay, Mandate, BankAccount))
MICRO = MicroDeposits._meta.label_lower
# Who takes over somebody's account changes the address first.
OLD_ADDRESS = timedelta(days=30)
MODES: dict[str, Promise] = {
    AutopayMode.FULL_BALANCE: _("The full balance"),
    AutopayMode.CAPPED: _("The full balance, up to a limit"),
    AutopayMode.FIXED: _("A fixed amount"),
    AutopayMode.PERCENT: _("A part of the balance"),
    AutopayMode.RECURRING_ONLY: _("The regular charges only"),
}
VARIANT = {
    MicroDepositStatus.SENT: "sent",
    MicroDepositStatus.AWAITING_INPUT: "arrived",
    VerificationStatus.VERIFIED: "verified",
    VerificationStatus.FAILED: "failed",
}


def mandate_drafts(events: Sequence[Event]) -> list[Draft]:
    """A copy of what was signed for more than one payment, and that it was taken back."""
    mandates = Mandate.objects.select_related(
        "tenant__user", "bank_account", "lease__unit__property", "text"
    ).in_bulk({int(event.subject_id) for event in events})
    drafts = []
    for event in events:
        mandate = mandates[int(event.subject_id)]
        if event.kind == "row.insert" and mandate.recurring:
            drafts.append(_copy(mandate, event))
        if event.became == MandateStatus.REVOKED:
            drafts.append(_of_mandate(mandate, event, "revoked"))
    return drafts


def autopay_drafts(events: Sequence[Event]) -> list[Draft]:
    plans = Autopay.objects.select_related(
        "mandate__tenant__user", "mandate__bank_account", "mandate__lease__unit__property"
    ).in_bulk({int(event.subject_id) for event in events})
    drafts = []
    for event in events:
        plan = plans[int(event.subject_id)]
        if told := _plan_news(plan, event):
            variant, facts, rows = told
            drafts.append(_of_mandate(plan.mandate, event, variant, facts, rows, about=plan))
    return drafts


def account_drafts(events: Sequence[Event]) -> list[Draft]:
    accounts = BankAccount.objects.select_related("tenant__user").in_bulk(
        {int(event.subject_id) for event in events}
    )
    signed_by = senders(account.tenant_id for account in accounts.values())
    before = _old_addresses([account.tenant for account in accounts.values()], events)
    drafts = []
    for event in events:
        account = accounts[int(event.subject_id)]
        for kind, facts in _account_news(event):
            changed = kind == Kind.BANK_CHANGED
            drafts.append(
                Draft(
                    kind=kind,
                    occasion=f"event:{event.pk}",
                    tenant=account.tenant,
                    about=account,
                    facts={"ending": account.last_four or "••", **facts},
                    page=link("portal:accounts"),
                    page_words=_("See your bank accounts"),
                    sender=signed_by.get(account.tenant_id, ""),
                    event_id=event.pk,
                    also_to=before[account.tenant_id] if changed else (),
                )
            )
    return drafts


def micro_deposit_drafts(events: Sequence[Event]) -> list[Draft]:
    rows = MicroDeposits.objects.select_related(
        "bank_account__tenant__user", "order__lease__unit__property"
    ).in_bulk({int(event.subject_id) for event in events})
    found = []
    for became in (MicroDepositStatus.SENT, MicroDepositStatus.AWAITING_INPUT):
        for pk, event in news(events, (became,)).items():
            row = rows[pk]
            account = row.bank_account
            found.append(
                Draft(
                    kind=Kind.VERIFICATION,
                    occasion=f"event:{event.pk}",
                    tenant=account.tenant,
                    about=account,
                    facts={
                        "variant": VARIANT[became],
                        "ending": account.last_four or "••",
                        "expires_on": row.expires_on,
                    },
                    page=link("portal:accounts"),
                    page_words=_("Go to your bank accounts"),
                    sender=sender_of(row.order.lease),
                    event_id=event.pk,
                )
            )
    return found


def _copy(mandate: Mandate, event: Event) -> Draft:
    account = mandate.bank_account
    return Draft(
        kind=Kind.MANDATE_COPY,
        occasion=f"mandate:{mandate.pk}",
        tenant=mandate.tenant,
        about=mandate,
        facts={"terms": mandate.text.body},
        rows=(
            (ENDING, account.last_four or "••"),
            (_("Least amount of a debit"), Cents(mandate.min_cents)),
            (_("Most on one day"), Cents(mandate.max_cents)),
            (_("Signed by"), mandate.signed_name),
            (_("Signed on"), new_york_date(mandate.signed_at)),
            (_("Version of the text"), mandate.text.version),
        ),
        page=link("portal:authorization", pk=mandate.pk),
        page_words=_("Download the authorization as a PDF"),
        sender=sender_of(mandate.lease),
        event_id=event.pk,
    )


def _of_mandate(
    mandate: Mandate,
    event: Event,
    variant: str,
    facts: Mapping[str, Any] | None = None,
    rows: Rows = (),
    *,
    about: Autopay | None = None,
) -> Draft:
    return Draft(
        kind=Kind.AUTOPAY,
        occasion=f"event:{event.pk}",
        tenant=mandate.tenant,
        about=about or mandate,
        facts={
            "variant": variant,
            "ending": mandate.bank_account.last_four or "••",
            **(facts or {}),
        },
        rows=rows,
        page=link("portal:autopay"),
        page_words=_("See your automatic payments"),
        sender=sender_of(mandate.lease),
        event_id=event.pk,
    )


def _plan_news(plan: Autopay, event: Event) -> tuple[str, dict[str, Any], Rows] | None:
    """The end of a plan whose permission was taken back is told with that."""
    if event.kind == "row.insert":
        return "set_up", {}, _terms(plan)
    if event.kind == "autopay.changed":
        return "changed", {}, _terms(plan)
    if event.kind in {"autopay.paused", "autopay.resumed"}:
        days = {name: date.fromisoformat(event.data[name]) for name in ("from", "until")}
        word = event.kind.removeprefix("autopay.")
        skipped = word == "paused" and days["from"] == days["until"]
        return (
            "skipped" if skipped else word,
            {"first_on": days["from"], "last_on": days["until"]},
            (),
        )
    ended = event.kind == "row.update" and event.data["new"].get("ends_on")
    if ended and plan.mandate.status != MandateStatus.REVOKED:
        return "ended", {}, ()
    return None


def _terms(plan: Autopay) -> Rows:
    rows: list[tuple[str | Promise, Any]] = [(_("What is taken"), MODES[plan.mode])]
    if plan.cents is not None:
        rows.append((_("Amount or limit"), Cents(plan.cents)))
    if plan.basis_points is not None:
        rows.append((_("Part"), f"{plan.basis_points / 100:g}%"))
    rows.append((_("Day of the month"), plan.day_of_month))
    rows.append((ENDING, plan.mandate.bank_account.last_four or "••"))
    return tuple(rows)


def _account_news(event: Event) -> Iterable[tuple[Kind, dict[str, Any]]]:
    """Statuses and corrections; what else changes on the row is ours alone."""
    if event.kind == "row.insert":
        yield Kind.BANK_CHANGED, {"variant": "added"}
        return
    was, became = event.data["old"], event.data["new"]
    if "version" in became:
        yield (
            Kind.BANK_CHANGED,
            {"variant": "corrected", "was_ending": was.get("last_four", "")},
        )
    if (status := became.get("verification")) in {
        VerificationStatus.VERIFIED,
        VerificationStatus.FAILED,
    }:
        yield Kind.VERIFICATION, {"variant": VARIANT[status]}


def senders(tenant_ids: Iterable[int]) -> dict[int, str]:
    shares = LeaseShare.objects.filter(tenant__in=set(tenant_ids)).order_by("starts_on", "pk")
    return dict(shares.values_list("tenant_id", "lease__unit__property__name"))


def _old_addresses(
    tenants: Sequence[Tenant], events: Sequence[Event]
) -> defaultdict[int, tuple[str, ...]]:
    """By tenant: the sign-in's, and what either address was within 30 days before."""
    subjects = {(Tenant._meta.label_lower, str(tenant.pk)): tenant.pk for tenant in tenants}
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for tenant in tenants:
        if tenant.user:
            subjects[User._meta.label_lower, str(tenant.user.pk)] = tenant.pk
            found[tenant.pk] = (tenant.user.email,)
    about = Q(pk__in=[])
    for label in {label for label, _key in subjects}:
        keys = [key for name, key in subjects if name == label]
        about |= Q(subject=label, subject_id__in=keys)
    since = min(event.at for event in events) - OLD_ADDRESS
    changes = Event.objects.filter(
        about, kind="row.update", at__gte=since, data__old__has_key="email"
    )
    for subject, key, was in changes.values_list("subject", "subject_id", "data__old__email"):
        found[subjects[subject, key]] += (was,)
    return found
