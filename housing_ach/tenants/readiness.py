"""Whether money may begin to move at a property, and what to do where it may not yet."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from housing_ach.bank.models import BankProfile
from housing_ach.tenants.models import (
    ChargeSchedule,
    Membership,
    PilotLease,
    Policy,
    Property,
    ShadowRun,
)
from housing_ach.tenants.states import Role, Rollout

# Rent comes monthly: a shorter look back would miss the one day that matters.
SHADOW_DAYS = 35
CONNECTION_DAYS = 7
# Who takes a payment in does not approve it.
PEOPLE = 2


@dataclass(frozen=True)
class Check:
    """`what_to_do` says how a failed one is mended."""

    code: str
    name: str
    ok: bool
    what_to_do: str


def readiness(property: Property, *, on: date, mode: Rollout = Rollout.LIVE) -> list[Check]:
    """Everything asked of a property before it is in `mode`, in the order of work."""
    checks = [
        *_bank(property, on),
        _people(property),
        _policy(property),
        _charges(property, on),
        _shadow(property, on),
    ]
    return [*checks, _pilot(property)] if mode == Rollout.PILOT else checks


def _bank(property: Property, on: date) -> list[Check]:
    funds = [property.operating_fund_id, property.deposit_fund_id]
    profiles = BankProfile.objects.filter(companies__fund__in=funds).distinct()
    tried_since = on - timedelta(days=CONNECTION_DAYS)
    reachable = profiles.filter(client_key__isnull=False).exclude(host_key="")
    return [
        Check(
            "bank",
            "Every fund's bank has a pinned key and our own",
            reachable.count() == profiles.count() > 0,
            "Fill in the bank profile, and give it our key with bin/manage bank_key.",
        ),
        Check(
            "window",
            "Every fund's bank has a next-day window",
            profiles.count() == profiles.filter(windows__same_day=False).distinct().count() > 0,
            "Add the bank's cut-off to its profile.",
        ),
        Check(
            "connection",
            f"The connection was tried in the last {CONNECTION_DAYS} days",
            profiles.count() == profiles.filter(connected_at__date__gte=tried_since).count() > 0,
            "Try the connection with bin/manage check_bank.",
        ),
    ]


def _people(property: Property) -> Check:
    finance = Membership.objects.reaching(property).filter(role=Role.FINANCE, user__is_active=True)
    return Check(
        "people",
        "Two people of finance, so that a maker has a checker",
        finance.values("user").distinct().count() >= PEOPLE,
        "Give the finance role to a second person.",
    )


def _policy(property: Property) -> Check:
    return Check(
        "policy",
        "A policy is set for the property or the organization",
        Policy.objects.filter(Q(property=property) | Q(property=None)).exists(),
        "Set the policy of the property or the organization.",
    )


def _charges(property: Property, on: date) -> Check:
    schedules = ChargeSchedule.objects.filter(lease__unit__property=property)
    return Check(
        "charges",
        "A lease has a charge schedule in force",
        schedules.filter(Q(ends_on=None) | Q(ends_on__gte=on)).exists(),
        "Enter the leases and what they are charged.",
    )


def _shadow(property: Property, on: date) -> Check:
    lately = ShadowRun.objects.filter(
        Q(entry_count__gt=0) | ~Q(findings=[]),
        property=property,
        processing_on__gte=on - timedelta(days=SHADOW_DAYS),
    )
    last = lately.order_by("processing_on", "pk").last()
    return Check(
        "shadow",
        f"The last shadow run with debits, in {SHADOW_DAYS} days, had no findings",
        last is not None and not last.findings,
        "Leave the property in the shadow until a day with debits has no findings.",
    )


def _pilot(property: Property) -> Check:
    return Check(
        "pilot",
        "A lease is named for the pilot",
        PilotLease.objects.filter(lease__unit__property=property).exists(),
        "Name the leases of the pilot.",
    )
