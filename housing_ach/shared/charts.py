"""The charts of pages and papers: server-rendered, told in words as well, coloured by `svg`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from housing_ach.shared.svg import Box, Drawing, Point

MONDAY = 0
LABEL_GAP = 48
FEW_BARS = 14
TOP, STRIP = 30, 46
# From this part of a level on a person should look. Our choice, not Nacha's.
NEAR_LEVEL = 0.8
# A bar ends at four thirds of the level, so that what is left below it can be compared.
SCALE = 4 / 3
TEXT_WIDTH = 6.6
CODES_FROM_WIDTH = 420


class Bar(NamedTuple):
    """`label` stands below the axis and may be empty; `name` is what the bar is called in words."""

    label: str
    name: str
    settled_cents: int
    pending_cents: int
    returned_cents: int


class Day(NamedTuple):
    on: date
    settled_cents: int
    pending_cents: int
    returned_cents: int


class Reason(NamedTuple):
    code: str
    words: str
    times: int


class Rate(NamedTuple):
    """`returned` of `sent` entries, against a level as a share of one."""

    name: str
    codes: str
    returned: int
    sent: int
    level: float

    @property
    def share(self) -> float:
        return self.returned / self.sent if self.sent else 0.0

    @property
    def used(self) -> float:
        return self.share / self.level

    @property
    def tone(self) -> str:
        if self.used > 1:
            return "bad"
        return "warn" if self.used >= NEAR_LEVEL else "ok"

    @property
    def words(self) -> str:
        said = {"ok": _("Within level"), "warn": _("Near level"), "bad": _("Over level")}
        return said[self.tone]


def whole_dollars(cents: int) -> str:
    return f"${cents / 100:,.0f}"


def short_dollars(cents: float) -> str:
    dollars = cents / 100
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if dollars >= unit:
            return f"${dollars / unit:.1f}".removesuffix(".0") + letter
    return f"${dollars:,.0f}"


def ticks(top: float, count: int = 3) -> list[float]:
    """Round numbers of cents from zero to at least `top`, and to a hundred dollars."""
    top = max(top, 100_00)
    rough = top / count
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * part for part in (1, 2, 2.5, 5, 10) if rough <= size * part)
    return [step * place for place in range(math.ceil(top / step) + 1)]


def day_bars(days: Sequence[Day], *, uid: str, width: float = 560) -> SafeString:
    """What settled, is under way and came back on each day; Mondays are named."""
    bars = [Bar(_day_label(day.on, len(days)), _day_name(day.on), *day[1:]) for day in days]
    return stacked_bars(bars, uid=uid, title=_("Settled and returned by day"), width=width)


def _day_label(on: date, count: int) -> str:
    named = count <= FEW_BARS or on.weekday() == MONDAY
    return date_format(on, "M j") if named else ""


def _day_name(on: date) -> str:
    return date_format(on, "D, M j")


def stacked_bars(
    bars: Sequence[Bar],
    *,
    uid: str,
    title: str,
    settled: str = "",
    width: float = 560,
    height: float = 270,
) -> SafeString:
    """Settled and pending stand on the axis; returned hang below on a scale of their own.

    Returns are one to three cents of a dollar: on one scale they would vanish. `settled` is what
    settled money is called, if otherwise.
    """
    drawing = Drawing(uid, width, height, title, _told_bars(bars))
    if not bars:
        drawing.text(_("Nothing to show yet"), Point(width / 2, height / 2), anchor="middle")
        return drawing.render()
    frame = _Frame.around(bars, width, height)
    pending = any(bar.pending_cents for bar in bars)
    _legend(drawing, frame.left, settled or _("Settled"), pending=pending)
    frame.draw(drawing)
    last = -float(LABEL_GAP)
    for place, bar in enumerate(bars):
        middle = _draw_bar(drawing, frame, bar, place)
        if bar.label and middle - last >= LABEL_GAP:
            drawing.text(bar.label, Point(middle, height - 6), anchor="middle")
            last = middle
    drawing.line("axis", Point(frame.left, frame.zero), Point(frame.right, frame.zero))
    return drawing.render()


@dataclass(frozen=True)
class _Frame:
    """Where things are: `zero` is the axis, `hang` the line from which returned bars hang."""

    left: float
    right: float
    zero: float
    hang: float
    step: float
    marks: list[float]
    most_returned: int

    @classmethod
    def around(cls, bars: Sequence[Bar], width: float, height: float) -> "_Frame":
        left, right = 50.0, width - 6
        hang = height - 26 - STRIP
        most = max(bar.settled_cents + bar.pending_cents for bar in bars)
        returned = max(bar.returned_cents for bar in bars)
        step = (right - left) / len(bars)
        return cls(left, right, hang - 16, hang, step, ticks(most), returned)

    def height_of(self, cents: float) -> float:
        return (self.zero - TOP) * cents / self.marks[-1]

    def depth_of(self, cents: int) -> float:
        return STRIP * cents / self.most_returned

    def draw(self, drawing: Drawing) -> None:
        for mark in self.marks:
            y = self.zero - self.height_of(mark)
            drawing.line("grid", Point(self.left, y), Point(self.right, y))
            drawing.text(short_dollars(mark), Point(self.left - 8, y + 4), anchor="end")
        drawing.line("axis", Point(self.left, self.hang), Point(self.right, self.hang))
        if self.most_returned:
            low = Point(self.left - 8, self.hang + STRIP)
            drawing.text(short_dollars(self.most_returned), low, anchor="end")
        else:
            drawing.text(_("Nothing returned"), Point(self.left, self.hang + 18))


def _legend(drawing: Drawing, x: float, settled: str, *, pending: bool) -> None:
    named = {
        "settled": settled,
        "pending": _("Pending") if pending else "",
        "returned": _("Returned"),
    }
    for colour, words in named.items():
        if not words:
            continue
        drawing.rect(colour, Box(x, 4, 10, 10), radius=2)
        drawing.text(words, Point(x + 15, 13))
        x += 33 + len(words) * TEXT_WIDTH


def _draw_bar(drawing: Drawing, frame: _Frame, bar: Bar, place: int) -> float:
    """The middle of the bar; its three parts share one title."""
    wide = max(2.0, min(frame.step * 0.68, 44.0))
    x = frame.left + frame.step * place + (frame.step - wide) / 2
    since, y = len(drawing.parts), frame.zero
    for colour, cents in (("settled", bar.settled_cents), ("pending", bar.pending_cents)):
        if cents:
            high = max(1.5, frame.height_of(cents))
            y -= high
            drawing.rect(colour, Box(x, y, wide, high))
    if bar.returned_cents:
        deep = max(1.5, frame.depth_of(bar.returned_cents))
        drawing.rect("returned", Box(x, frame.hang, wide, deep))
    if len(drawing.parts) > since:
        drawing.group(_told_bar(bar), since)
    return x + wide / 2


def _told_bar(bar: Bar) -> str:
    parts = {
        _("settled"): bar.settled_cents,
        _("pending"): bar.pending_cents,
        _("returned"): bar.returned_cents,
    }
    said = [f"{words} {whole_dollars(cents)}" for words, cents in parts.items() if cents]
    return f"{bar.name}: {', '.join(said)}"


def _told_bars(bars: Sequence[Bar]) -> str:
    if not bars:
        return _("Nothing to show yet")
    best = max(bars, key=lambda bar: bar.settled_cents)
    worst = max(bars, key=lambda bar: bar.returned_cents)
    said = _("Settled %(settled)s, pending %(pending)s, returned %(returned)s.") % {
        "settled": whole_dollars(sum(bar.settled_cents for bar in bars)),
        "pending": whole_dollars(sum(bar.pending_cents for bar in bars)),
        "returned": whole_dollars(sum(bar.returned_cents for bar in bars)),
    }
    said += " " + _("Most settled: %(name)s, %(cents)s.") % {
        "name": best.name,
        "cents": whole_dollars(best.settled_cents),
    }
    if worst.returned_cents:
        said += " " + _("Most returned: %(name)s, %(cents)s.") % {
            "name": worst.name,
            "cents": whole_dollars(worst.returned_cents),
        }
    return said


def reason_bars(reasons: Sequence[Reason], *, uid: str, width: float = 520) -> SafeString:
    """Why payments came back, the most frequent first."""
    row, top = 34, 4
    height = top + row * max(1, len(reasons))
    drawing = Drawing(uid, width, height, _("Returns by reason"), _told_reasons(reasons))
    if not reasons:
        drawing.text(_("Nothing returned"), Point(4, 20))
    most = max((reason.times for reason in reasons), default=1)
    for place, reason in enumerate(reasons):
        y, full = top + place * row, width - 64
        drawing.text(reason.code, Point(4, y + 12), colour="strong")
        drawing.text(reason.words, Point(36, y + 12))
        drawing.rect("track", Box(4, y + 18, full, 8), radius=4)
        long = max(8.0, full * reason.times / most)
        told = f"{reason.code} {reason.words}: {reason.times:,}"
        drawing.rect("bar", Box(4, y + 18, long, 8), told=told, radius=4)
        count = Point(width - 4, y + 26)
        drawing.text(f"{reason.times:,}", count, colour="strong", anchor="end")
    return drawing.render()


def _told_reasons(reasons: Sequence[Reason]) -> str:
    if not reasons:
        return _("Nothing returned")
    total, first = sum(reason.times for reason in reasons), reasons[0]
    count = ngettext("%(count)d return.", "%(count)d returns.", total) % {"count": total}
    most = _("Most frequent: %(code)s %(words)s, %(times)d.") % first._asdict()
    return f"{count} {most}"


def rate_levels(rates: Sequence[Rate], *, uid: str, width: float = 520) -> SafeString:
    """Return rates, each against the level Nacha watches."""
    row, top = 62, 4
    drawing = Drawing(
        uid, width, top + row * len(rates), _("Return rates against Nacha levels"), _told(rates)
    )
    for place, rate in enumerate(rates):
        _draw_rate(drawing, rate, top + place * row)
    return drawing.render()


def _draw_rate(drawing: Drawing, rate: Rate, y: float) -> None:
    left, right = 4.0, drawing.width - 4
    full = right - left
    drawing.text(rate.name, Point(left, y + 13), colour="strong", size=13)
    if drawing.width > CODES_FROM_WIDTH:
        drawing.text(rate.codes, Point(left + len(rate.name) * 7.6 + 10, y + 13), size=11)
    drawing.text(f"{rate.share:.2%}", Point(right, y + 13), colour="strong", anchor="end", size=13)
    drawing.rect("track", Box(left, y + 22, full, 12), radius=6)
    long = max(12.0, full * min(rate.used, SCALE) / SCALE)
    if rate.returned:
        drawing.rect(rate.tone, Box(left, y + 22, long, 12), told=_told_rate(rate), radius=6)
    at_level = left + full / SCALE
    drawing.line("limit", Point(at_level, y + 18), Point(at_level, y + 38), thick=2)
    level = _("Level %(level)s") % {"level": f"{rate.level:.1%}"}
    drawing.text(level, Point(at_level, y + 51), anchor="middle", size=11)
    drawing.text(rate.words, Point(left, y + 51), colour=f"{rate.tone}-text", size=11)
    of_all = f"{rate.returned:,} / {rate.sent:,}"
    drawing.text(of_all, Point(left + len(rate.words) * 6.4 + 12, y + 51), size=11)


def _told_rate(rate: Rate) -> str:
    return _("%(name)s: %(share)s of a level of %(level)s, %(words)s") % {
        "name": rate.name,
        "share": f"{rate.share:.2%}",
        "level": f"{rate.level:.1%}",
        "words": rate.words.lower(),
    }


def _told(rates: Sequence[Rate]) -> str:
    return "; ".join(_told_rate(rate) for rate in rates)


def sparkline(
    values: Sequence[float], *, uid: str, title: str, width: float = 120, height: float = 32
) -> SafeString:
    """The way of a figure; the last value has a dot."""
    told = _("From %(first)s to %(last)s") % {
        "first": f"{values[0]:,.0f}" if values else "0",
        "last": f"{values[-1]:,.0f}" if values else "0",
    }
    drawing = Drawing(uid, width, height, title, told)
    low, high = min(values, default=0), max(values, default=0)
    span, step = (high - low) or 1, (width - 6) / max(1, len(values) - 1)
    points = [
        Point(2 + step * place, 3 + (height - 6) * (1 - (value - low) / span))
        for place, value in enumerate(values)
    ]
    if points:
        drawing.curve("settled", points, thick=1.75)
        drawing.dot("settled", points[-1], radius=2.5)
    return drawing.render()
