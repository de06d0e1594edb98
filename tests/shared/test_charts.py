"""Charts are drawings a screen reader can tell, and clean under the content security policy."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from housing_ach.shared import charts
from housing_ach.shared.charts import Bar, Day, Rate, Reason

SVG = "{http://www.w3.org/2000/svg}"
DAYS = [
    Day(date(2026, 3, 2) + timedelta(days=place), 1000_00 * place, 50_00, 30_00 * (place == 2))
    for place in range(5)
]
REASONS = [Reason("R01", "Insufficient funds", 40), Reason("R02", "Account closed", 10)]
RATES = [
    Rate("Unauthorized", "R05, R07", 1, 1000, 0.005),
    Rate("Administrative", "R02", 25, 1000, 0.03),
    Rate("Overall", "", 200, 1000, 0.15),
]
DRAWINGS = {
    "days": lambda: charts.day_bars(DAYS, uid="a"),
    "no days": lambda: charts.day_bars([], uid="a"),
    "months": lambda: charts.stacked_bars([Bar("Jan", "January", 5, 0, 0)], uid="a", title="Paid"),
    "reasons": lambda: charts.reason_bars(REASONS, uid="a"),
    "no reasons": lambda: charts.reason_bars([], uid="a"),
    "rates": lambda: charts.rate_levels(RATES, uid="a"),
    "sparkline": lambda: charts.sparkline([1, 5, 3], uid="a", title="Settled"),
    "no sparkline": lambda: charts.sparkline([], uid="a", title="Settled"),
}


def tree(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)  # noqa: S314 - our own drawing


def marks(drawn: str, colour: str) -> list[ElementTree.Element]:
    return tree(drawn).findall(f".//{SVG}rect[@class='c-{colour}']")


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_has_a_role_a_title_and_a_description(name):
    svg = tree(DRAWINGS[name]())

    title, told = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert title.text
    assert told.text


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_has_neither_style_nor_script(name):
    drawn = DRAWINGS[name]()

    assert not re.search(r"style=|<style|<script|data:|\son\w+=", drawn)


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_mark_has_a_class_and_a_colour_for_paper(name):
    shapes = [
        part
        for part in tree(DRAWINGS[name]()).iter()
        if part.tag[len(SVG) :] in {"rect", "line", "path", "circle", "text"}
    ]

    assert all(part.get("class") and (part.get("fill") or part.get("stroke")) for part in shapes)


def test_two_charts_of_a_page_share_no_id():
    ids = [
        re.findall(r'\sid="([^"]+)"', charts.day_bars(DAYS, uid=uid)) for uid in ("left", "right")
    ]

    assert ids[0]
    assert not set(ids[0]) & set(ids[1])


def test_names_are_text_and_never_markup():
    drawn = charts.reason_bars([Reason("R01", "<b>&", 1)], uid="a")

    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn


def test_returns_hang_below_what_settled():
    drawn = charts.day_bars(DAYS, uid="a")

    lowest = max(float(bar.get("y")) + float(bar.get("height")) for bar in marks(drawn, "settled"))
    bars = [bar for bar in marks(drawn, "returned") if bar.get("rx") is None]
    assert len(bars) == 1
    assert float(bars[0].get("y")) > lowest


def test_pending_stands_on_what_settled():
    drawn = charts.day_bars(DAYS[-1:], uid="a")

    settled = marks(drawn, "settled")[-1]
    pending = marks(drawn, "pending")[-1]
    assert float(pending.get("y")) + float(pending.get("height")) == pytest.approx(
        float(settled.get("y")), abs=0.2
    )


def test_a_few_cents_among_thousands_of_dollars_can_still_be_seen():
    days = [Day(date(2026, 3, 2), 1_000_000_00, 0, 1), Day(date(2026, 3, 3), 1, 0, 1_000_000_00)]

    drawn = charts.day_bars(days, uid="a")

    assert min(float(bar.get("height")) for bar in marks(drawn, "settled")) >= 1.5


def test_the_description_says_totals_and_extremes():
    told = tree(charts.day_bars(DAYS, uid="a")).find(f"{SVG}desc").text

    assert told == (
        "Settled $10,000, pending $250, returned $30. "
        "Most settled: Fri, Mar 6, $4,000. Most returned: Wed, Mar 4, $30."
    )


@pytest.mark.parametrize(
    ("returned", "tone", "words"),
    [(39, "ok", "Within level"), (40, "warn", "Near level"), (51, "bad", "Over level")],
)
def test_a_rate_says_in_words_how_near_its_level_is(returned, tone, words):
    rate = Rate("Unauthorized", "", returned, 10_000, 0.005)

    assert (rate.tone, rate.words) == (tone, words)
    assert words in charts.rate_levels([rate], uid="a")


def test_nothing_sent_is_no_rate():
    assert Rate("Overall", "", 0, 0, 0.15).share == 0


def test_the_most_frequent_reason_has_the_longest_bar():
    first, second = (float(bar.get("width")) for bar in marks(DRAWINGS["reasons"](), "bar"))

    assert first == 4 * second


@pytest.mark.parametrize(
    ("top", "last"), [(0, 100_00), (99_00, 100_00), (310_000_00, 400_000_00), (1, 100_00)]
)
def test_an_axis_ends_at_a_round_number_above(top, last):
    marks_of_axis = charts.ticks(top)

    assert marks_of_axis[0] == 0
    assert top <= marks_of_axis[-1] <= last


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "$0"), (950_00, "$950"), (1_000_00, "$1k"), (1_250_000_00, "$1.2M"), (2_500_00, "$2.5k")],
)
def test_an_axis_is_labelled_shortly(cents, text):
    assert charts.short_dollars(cents) == text
