"""The first page of the staff: what waits for them, and how the money moves."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from housing_ach.bank.selectors import cut_off
from housing_ach.batches.models import Batch
from housing_ach.cases.states import CaseStatus
from housing_ach.clock.services import now
from housing_ach.desk.access import desk_page, person
from housing_ach.desk.selectors import figures, next_cut_off, to_approve
from housing_ach.desk.templatetags.money import dollars, percent
from housing_ach.desk.visible import cases_visible_to
from housing_ach.reports.selectors import reasons, return_rates, returned_codes, settled_by_day
from housing_ach.shared import charts
from housing_ach.shared.business_days import new_york_date
from housing_ach.tenants.models import sees_everything
from housing_ach.tenants.states import Role
from housing_ach.users.models import User

BACK, AHEAD = timedelta(days=28), timedelta(days=5)
WIDE, NARROW = 560, 320
# The chart of the days has the whole width of the page.
FULL = 1080
# The reasons a chart names; the table below it names all.
REASONS = 6
NAMED = 10


class Chart(NamedTuple):
    """A drawing for each of two widths, and the same figures as a table."""

    uid: str
    title: str
    wide: SafeString
    narrow: SafeString
    heads: list[str]
    rows: list[list[str]]
    nothing: str


class Waiting(NamedTuple):
    batch: Batch
    cut_off: datetime


@require_safe
@desk_page()
def overview(request: HttpRequest) -> HttpResponse:
    at, user = now(), person(request)
    drafts = to_approve(user)
    waiting = [Waiting(one, cut_off(one.window, one.processing_on)) for one in drafts[:NAMED]]
    told: dict[str, Any] = {
        "now": at,
        "next_cut_off": next_cut_off(at=at),
        "waiting": waiting,
        "waiting_count": drafts.count(),
        "cases": _open_cases(user),
        "may_approve": Role.FINANCE in request.roles,  # type: ignore[attr-defined]
    }
    if sees_everything(user):
        told |= _organisation(at)
    return render(request, "desk/overview.html", told)


def _open_cases(user: User) -> dict[str, Any]:
    opened = cases_visible_to(user).filter(status=CaseStatus.OPEN)
    return opened.aggregate(
        count=Count("*"), cents=Sum("cents", default=0), oldest_at=Min("opened_at")
    )


def _organisation(at: datetime) -> dict[str, Any]:
    """Totals over all properties, for those who may see all of them."""
    on = new_york_date(at)
    days = settled_by_day(on - BACK, on + AHEAD)
    returned = returned_codes(on)
    rates = return_rates(on, returned=returned)
    return {
        "figures": figures(at=at, rates=rates),
        "spark": charts.sparkline(
            [day.settled_cents / 100 for day in days if day.on <= on],
            uid="settled-spark",
            title=_("Settled by day, dollars"),
        ),
        "charts": [_day_chart(days), _rate_chart(rates), _reason_chart(reasons(returned))],
    }


def _day_chart(days: list[charts.Day]) -> Chart:
    return Chart(
        uid="days",
        title=_("Money by day"),
        wide=charts.day_bars(days, uid="days", width=FULL),
        narrow=charts.day_bars(days, uid="days-narrow", width=NARROW),
        heads=[_("Day"), _("Settled"), _("Pending"), _("Returned")],
        rows=[[_day(day.on), *(dollars(cents) for cents in day[1:])] for day in days],
        nothing=_("Nothing to show yet"),
    )


def _rate_chart(rates: Sequence[charts.Rate]) -> Chart:
    return Chart(
        uid="rates",
        title=_("Return rates, 60 days"),
        wide=charts.rate_levels(rates, uid="rates", width=WIDE),
        narrow=charts.rate_levels(rates, uid="rates-narrow", width=NARROW),
        heads=[_("Rate"), _("Share"), _("Level"), _("Returned"), _("Sent"), _("Status")],
        rows=[
            [
                *(rate.name, percent(rate.share), f"{rate.level:.1%}"),
                *(f"{rate.returned:,}", f"{rate.sent:,}", rate.words),
            ]
            for rate in rates
        ],
        nothing="",
    )


def _reason_chart(named: Sequence[charts.Reason]) -> Chart:
    return Chart(
        uid="reasons",
        title=_("Returns by reason, 60 days"),
        wide=charts.reason_bars(named[:REASONS], uid="reasons", width=WIDE),
        narrow=charts.reason_bars(named[:REASONS], uid="reasons-narrow", width=NARROW),
        heads=[_("Code"), _("Reason"), _("Returns")],
        rows=[[reason.code, reason.words, f"{reason.times:,}"] for reason in named],
        nothing=_("Nothing returned"),
    )


def _day(on: date) -> str:
    return f"{on:%a, %b} {on.day}"
