"""What the guide tells that the product itself knows: times, intervals, levels, actions, roles."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from housing_ach.bank.models import Window
from housing_ach.bank.selectors import Slot, cut_off
from housing_ach.batches.selectors import built_at, frozen_at
from housing_ach.cases.states import CaseKind
from housing_ach.cases.words import kind_words
from housing_ach.celery import TIMETABLE
from housing_ach.desk import case_actions
from housing_ach.desk.templatetags.money import words
from housing_ach.nacha.codes import RETURN_CODES, ReturnClass
from housing_ach.returns.policy import POLICY
from housing_ach.shared.business_days import new_york_date, next_banking_day, roll_forward
from housing_ach.tenants.states import Role, Rollout, conflict

MINUTE = 60

# In the order of a banking day; a task of the timetable each.
BY_ITSELF = {
    "tenants.tasks.raise_charges": _("Rent and other charges that fall due go on the accounts"),
    "batches.tasks.receive_files": _("Files of the bank are fetched and read"),
    "returns.tasks.apply_returns": _("Returns and corrections are applied, and retries planned"),
    "batches.tasks.clear_payments": _("Payments that can hardly come back any more are cleared"),
    "payments.tasks.run_autopay": _("Autopay turns what is due into payments"),
    "batches.tasks.build_batches": _("Payments of the day are put into batches"),
    "batches.tasks.freeze_batches": _("Approved batches are put into a file"),
    "batches.tasks.send_files": _("Files go to the bank"),
    "batches.tasks.watch": _("What is late or missing becomes an exception"),
    "notices.tasks.send_messages": _("Messages to tenants are sent"),
}
DOES = {
    case_actions.RELEASE: _(
        "The payment goes on as planned. Do it once the reason of the hold is settled."
    ),
    case_actions.CANCEL: _(
        "The payment is stopped for good. What it was for stays open on the tenant's account."
    ),
    case_actions.TELL: _(
        "The tenant is told amount and date, and the debit moves to the first day that can be told"
        " ten days ahead."
    ),
    case_actions.RETRY: _(
        "The same amount is debited again, on a banking day you choose. The account must be good"
        " and the rent still open."
    ),
    case_actions.PUBLISHED: _(
        "The file is posted as sent. Say so only once the bank has told you that it has it."
    ),
    case_actions.LOST: _(
        "The file is void, and its payments go in another one. If the bank has it after all,"
        " tenants are debited twice: ask first, in writing."
    ),
    case_actions.RESOLVE: _(
        "The exception is closed, with your words on how it ended. It cannot be opened again."
    ),
    case_actions.NOTE: _("What you found out is kept for the next person. Nothing else changes."),
}
MAY = {
    Role.FINANCE: _(
        "Approves batches and payments, works exceptions, holds, releases and cancels, takes a"
        " permission back, invites tenants."
    ),
    Role.ADMIN: _(
        "Gives roles, invites tenants, changes the mode of a property, names pilot leases, sets the"
        " policy, keeps leases, bank profiles and funds. Moves no money."
    ),
    Role.PROPERTY_MANAGER: _(
        "Sees tenants, leases, payments and exceptions of the own properties. Decides nothing."
    ),
    Role.AUDITOR: _("Sees everything and prints reports. Changes nothing."),
}
MODES = {
    Rollout.DISABLED: _("Nothing is worked out and nothing is sent."),
    Rollout.SHADOW: _(
        "Every day is worked out as if it were real, and nothing is sent. Read what would have been"
        " debited, and compare it with what you collect today."
    ),
    Rollout.PILOT: _("Named leases are debited. All others stay in the shadow."),
    Rollout.LIVE: _("Every lease of the property is debited."),
}


class Cutoff(NamedTuple):
    window: str
    built_at: datetime
    frozen_at: datetime
    closes_at: datetime
    slot: Slot


class Deed(NamedTuple):
    label: Promise
    does: Promise
    kinds: list[str]


class Held(NamedTuple):
    role: Role
    may: Promise
    goes_with: list[str]


def cut_offs(*, at: datetime) -> list[Cutoff]:
    """Of each window the one that closes next, first to close first."""
    windows = Window.objects.select_related("profile").order_by("pk")
    days = [_next(window, at) for window in windows]
    return sorted(days, key=lambda day: day.closes_at)


def _next(window: Window, at: datetime) -> Cutoff:
    on = roll_forward(new_york_date(at))
    if cut_off(window, on) <= at:
        on = next_banking_day(on)
    slot = Slot(window, on, cut_off(window, on))
    name = f"{window.profile.name} {window.code}"
    return Cutoff(name, built_at(slot), frozen_at(slot), slot.cut_off_at, slot)


def by_itself() -> Iterator[tuple[Promise, str]]:
    for task, what in BY_ITSELF.items():
        yield what, _often(TIMETABLE[f"housing_ach.{task}"])


def _often(seconds: int) -> str:
    if seconds < MINUTE:
        said = ngettext("every second", "every %(number)d seconds", seconds)
        return said % {"number": seconds}
    minutes = seconds // MINUTE
    return ngettext("every minute", "every %(number)d minutes", minutes) % {"number": minutes}


def deeds() -> Iterator[Deed]:
    """Every action on an exception, with the kinds it is offered for: none where for all."""
    for action, does in DOES.items():
        kinds = [kind for kind, offered in case_actions.ACTIONS.items() if action in offered]
        yield Deed(action.label, does, [kind_words(kind) for kind in kinds])


def roles() -> Iterator[Held]:
    for role, may in MAY.items():
        others = [other for other in MAY if other != role and not conflict(role, other)]
        yield Held(role, may, [words(other) for other in others])


def codes() -> dict[str, list[str]]:
    """The return codes the guide groups, as the product treats them."""
    return {
        "retried": [code for code, policy in POLICY.items() if policy.retried],
        "bad_account": [
            code for code, known in RETURN_CODES.items() if known.rate == ReturnClass.ADMINISTRATIVE
        ],
        "unauthorised": [
            code for code, policy in POLICY.items() if policy.case == CaseKind.UNAUTHORISED
        ],
    }
