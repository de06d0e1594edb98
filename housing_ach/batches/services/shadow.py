"""What a property in the shadow would send: worked out by the code that sends, and then undone.

All of it happens inside a savepoint that is always rolled back. So no payment, entry or case is left,
nobody owes less, and only the report tells of it.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from housing_ach.bank.models import Window
from housing_ach.bank.selectors import effective_date
from housing_ach.batches.models import Entry
from housing_ach.batches.services.build import draft, hold_refused
from housing_ach.batches.services.freeze import rehearse
from housing_ach.batches.services.windows import require_open
from housing_ach.batches.states import EntryStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.services import ask_for_shadow, check_still_payable
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Property, ShadowLine, ShadowRun
from housing_ach.tenants.states import Rollout
from housing_ach.users.services import system_user

SHOWN = 50
# Held by the run or before the batch, or ejected by a rule; the newest word counts.
LINES = """
    SELECT p.lease_id, p.tenant_id, p.cents, p.purpose, CASE
        WHEN e.status = 'EJECTED' THEN e.reason
        WHEN e.status = 'PLANNED' THEN ''
        ELSE coalesce(c.summary, 'held: the payer must be told first')
    END
    FROM payments_payment p
    LEFT JOIN batches_entry e ON e.payment_id = p.id
    LEFT JOIN LATERAL (
        SELECT summary FROM cases_case
        WHERE subject = 'payments.payment' AND subject_id = p.id::text ORDER BY id DESC LIMIT 1
    ) c ON true
    WHERE p.id = ANY(%s) ORDER BY p.id
"""


class Rehearsal(NamedTuple):
    """`lines` are (lease, tenant, cents, purpose, why it is left out)."""

    lines: Sequence[tuple[int, int, int, str, str]]
    sha256: str
    findings: Sequence[str]


def run_shadow(*, window: Window, on: date, at: datetime) -> list[ShadowRun]:
    """Report what properties in the shadow would send with the window; raises PastCutOff.

    Once a property, bank and day, whoever runs it how often and beside whom.
    """
    require_open(window, on, at)
    if window.same_day:
        return []
    told = ShadowRun.objects.filter(profile=window.profile_id, processing_on=on)
    homes = in_shadow(window).exclude(pk__in=told.values("property")).order_by("pk")
    runs = [_report(home, window, on, at) for home in homes]
    return [run for run in runs if run]


def in_shadow(window: Window) -> QuerySet[Property]:
    """Properties whose money the window's bank moves; a pilot has leases of both kinds."""
    funds = Q(operating_fund__company__profile=window.profile_id)
    funds |= Q(deposit_fund__company__profile=window.profile_id)
    return Property.objects.filter(funds, rollout__in=[Rollout.SHADOW, Rollout.PILOT])


@transaction.atomic
def _report(home: Property, window: Window, on: date, at: datetime) -> ShadowRun | None:
    _one_at_a_time(home)
    if ShadowRun.objects.filter(
        property=home, profile=window.profile_id, processing_on=on
    ).exists():
        return None
    with transaction.atomic():
        found = _rehearse(home, window, on, at)
        transaction.set_rollback(True)
    return _keep(
        found,
        ShadowRun(
            property=home,
            profile_id=window.profile_id,
            processing_on=on,
            effective_on=effective_date(window, on),
            made_at=at,
        ),
    )


def _one_at_a_time(home: Property) -> None:
    with connection.cursor() as cursor:
        key = f"batches.shadow:{home.pk}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _rehearse(home: Property, window: Window, on: date, at: datetime) -> Rehearsal:
    settles_on = effective_date(window, on)
    asked = ask_for_shadow(home, debit_on=settles_on, at=at)
    ours = Payment.objects.filter(pk__in=asked, fund__company__profile=window.profile_id)
    made = sorted(ours.values_list("pk", flat=True))
    due = sorted(ours.filter(status=PaymentStatus.SCHEDULED).values_list("pk", flat=True))
    refused = check_still_payable(due, on=settles_on, rollout=Rollout.SHADOW)
    due = hold_refused(due, refused, at=at)
    batches = draft(due, window=window, on=on, at=at, by=system_user())
    sha256, findings = "", []
    try:
        if written := rehearse(batches, window=window, at=at):
            sha256 = hashlib.sha256(written.content).hexdigest()
    except Refusal as problem:
        findings.append(problem.message)
    with connection.cursor() as cursor:
        cursor.execute(LINES, [made])
        lines = cursor.fetchall()
    faults = Entry.objects.filter(payment__in=made, status=EntryStatus.EJECTED).order_by("pk")
    for lease, reason in faults.values_list("payment__lease__external_id", "reason")[:SHOWN]:
        findings.append(f"lease {lease}: {reason}")
    return Rehearsal(lines, sha256, findings)


def _keep(found: Rehearsal, run: ShadowRun) -> ShadowRun:
    cents = [(cents, bool(reason)) for _, _, cents, _, reason in found.lines]
    sent = [amount for amount, excluded in cents if not excluded]
    left_out = [amount for amount, excluded in cents if excluded]
    run.entry_count, run.cents = len(sent), sum(sent)
    run.excluded_count, run.excluded_cents = len(left_out), sum(left_out)
    run.sha256, run.findings = found.sha256, list(found.findings)
    run.save(force_insert=True)
    ShadowLine.objects.bulk_create(
        ShadowLine(
            run=run,
            lease_id=lease,
            tenant_id=tenant,
            cents=amount,
            purpose=purpose,
            reason=reason[:300],
        )
        for lease, tenant, amount, purpose, reason in found.lines
    )
    return run
