"""Day after day of a housing organisation: what the timetable does by itself, and what people do."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from housing_ach.audit.acting import acting
from housing_ach.batches.models import Batch
from housing_ach.batches.services import approve
from housing_ach.batches.states import BatchStatus
from housing_ach.clock.services import advance
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors import open_cents
from housing_ach.payments.services import approve as approve_payment
from housing_ach.payments.services import pay_now
from housing_ach.payments.states import PaymentStatus
from housing_ach.sandbox.drivers import Driver
from housing_ach.sandbox.payers import Payer
from housing_ach.shared.business_days import (
    add_banking_days,
    is_banking_day,
    new_york_at,
    new_york_date,
    roll_forward,
)
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import User

log = logging.getLogger(__name__)


def tasks(*names: str) -> tuple[str, ...]:
    return tuple(
        f"housing_ach.{package}.tasks.{task}" for package, task in (n.split(".") for n in names)
    )


@dataclass(frozen=True)
class Phase:
    """A moment of the New York day: the tasks whose time it is, then what people do."""

    hour: time
    tasks: tuple[str, ...]
    every_day: bool = False
    people: bool = False


PHASES = (
    Phase(
        time(9, 15),
        tasks(
            "tenants.raise_charges",
            "payments.apply_prepaid",
            "batches.receive_files",
            "returns.apply_returns",
            "batches.clear_payments",
            "payments.finish_prenotes",
            "payouts.follow_micro_deposits",
        ),
        every_day=True,
    ),
    Phase(time(12, 30), tasks("payments.run_autopay", "batches.build_batches"), people=True),
    Phase(time(15, 10), tasks("batches.freeze_batches", "batches.send_files")),
    Phase(
        time(18, 30),
        tasks(
            "batches.receive_files",
            "returns.apply_returns",
            "payouts.follow_micro_deposits",
            "batches.watch",
        ),
    ),
)


@dataclass(frozen=True)
class People:
    """Tenants who pay by hand, the clerk who takes their payments and the one who approves."""

    payers: Sequence[Payer]
    clerk: User
    checker: User


def live_through(
    driver: Driver, people: People, *, start: date, days: int, until: datetime | None = None
) -> Iterator[date]:
    """Yield each day when it is over; phases later than `until` (UTC) are left to the real clock."""
    for number in range(days):
        on = start + timedelta(days=number)
        for at, phase in phases_of(on):
            if until is None or at <= until:
                live(driver, people, phase, at=at)
        yield on


def phases_of(on: date) -> Iterator[tuple[datetime, Phase]]:
    """Those a New York day has, each with its instant (UTC)."""
    for phase in PHASES:
        if phase.every_day or is_banking_day(on):
            yield new_york_at(on, phase.hour), phase


def live(driver: Driver, people: People, phase: Phase, *, at: datetime) -> None:
    """Living through it again, as after a kill, does what is still to do."""
    advance(at)
    driver.bank_reaches(at)
    if phase.people:
        with acting(f"user:{people.clerk.pk}"):
            _pay_by_hand(people, on=new_york_date(at), at=at)
    driver.work(phase.tasks)
    if phase.people:
        approve_all(people.checker, at=at)


def _pay_by_hand(people: People, *, on: date, at: datetime) -> None:
    """Tenants without autopay pay what is due by the day the next file settles, until a return stops them."""
    settles_on = add_banking_days(roll_forward(on), 1)
    for payer in people.payers:
        payer.mandate.refresh_from_db(fields=["status"])
        if not payer.by_hand or payer.mandate.status != MandateStatus.ACTIVE:
            continue
        cents = open_cents(lease=payer.lease, tenant=payer.tenant, due_by=settles_on)
        if cents:
            pay_now(
                tenant=payer.tenant,
                lease=payer.lease,
                mandate=payer.mandate,
                cents=cents,
                requested_on=settles_on,
                by=people.clerk,
                at=at,
                needs_approval=True,
            )


def approve_all(checker: User, *, at: datetime) -> None:
    """What a rule keeps him from approving, such as a draft past its cut-off, is left and told."""
    with acting(f"user:{checker.pk}"):
        waiting = Payment.objects.filter(status=PaymentStatus.AWAITING_APPROVAL)
        for payment in waiting.exclude(made_by=checker).order_by("pk"):
            with _left_if_refused():
                approve_payment(payment, by=checker, at=at)
        for batch in Batch.objects.filter(status=BatchStatus.DRAFT).order_by("pk"):
            with _left_if_refused():
                approve(batch, by=checker, at=at)


@contextmanager
def _left_if_refused() -> Iterator[None]:
    try:
        yield
    except Refusal as said:
        log.warning("not approved: %s", said)
