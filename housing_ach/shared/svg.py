"""A drawing as text, for page and paper alike.

Every mark has a class, by which the page's stylesheet colours it (dark mode too), and the same colour
as an attribute, which is all WeasyPrint looks at. There is no style attribute: the CSP forbids them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString

COLOURS = {
    "settled": "#0f766e",
    "pending": "#b57c0d",
    "returned": "#d9542b",
    "bar": "#0f766e",
    "ok": "#0f766e",
    "warn": "#b57c0d",
    "bad": "#c2341d",
    "track": "#e6eae7",
    "grid": "#e3e8e5",
    "axis": "#8a9793",
    "limit": "#16211f",
    "text": "#52605c",
    "strong": "#16211f",
    # Words need more contrast than marks of the same meaning.
    "ok-text": "#14602f",
    "warn-text": "#7a4a00",
    "bad-text": "#9b1c13",
}
FONT = "Inter, system-ui, sans-serif"
BOLD = "600"


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Point(NamedTuple):
    x: float
    y: float


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, attributes: Mapping[str, object], content: str = "") -> str:
    """`content` is markup already."""
    told = "".join(
        f' {key}="{escape(number(value) if isinstance(value, float | int) else value)}"'
        for key, value in attributes.items()
        if value != ""
    )
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"


def titled(words: str) -> str:
    return element("title", {}, escape(words)) if words else ""


@dataclass
class Drawing:
    """`uid` must be the only one of its kind in the page: the title and description hang on it."""

    uid: str
    width: float
    height: float
    title: str
    told: str
    parts: list[str] = field(default_factory=list)

    def rect(self, colour: str, box: Box, *, told: str = "", radius: float = 0) -> None:
        shape = {**box._asdict(), "rx": radius or ""}
        self.parts.append(element("rect", _filled(colour) | shape, titled(told)))

    def dot(self, colour: str, at: Point, *, radius: float) -> None:
        shape = {"cx": at.x, "cy": at.y, "r": radius}
        self.parts.append(element("circle", _filled(colour) | shape))

    def line(self, colour: str, start: Point, end: Point, *, thick: float = 1) -> None:
        ends = {"x1": start.x, "y1": start.y, "x2": end.x, "y2": end.y}
        self.parts.append(element("line", _drawn(colour, thick) | ends))

    def curve(self, colour: str, points: Sequence[Point], *, thick: float) -> None:
        d = "M" + "L".join(f"{number(point.x)},{number(point.y)}" for point in points)
        round_ends = {"stroke-linejoin": "round", "stroke-linecap": "round"}
        given = {"fill": "none", "d": d} | round_ends
        self.parts.append(element("path", _drawn(colour, thick) | given))

    def text(
        self,
        words: str,
        at: Point,
        *,
        colour: str = "text",
        anchor: str = "start",
        size: float = 12,
    ) -> None:
        bold = "" if colour == "text" else BOLD
        place = {"x": at.x, "y": at.y, "text-anchor": anchor, "font-size": size}
        given = _filled(colour) | place | {"font-weight": bold}
        self.parts.append(element("text", given, escape(words)))

    def group(self, told: str, since: int) -> None:
        """One title for all that was drawn since the drawing had so many parts."""
        inside = "".join(self.parts[since:])
        self.parts[since:] = [element("g", {}, titled(told) + inside)]

    def render(self) -> SafeString:
        names = f"{self.uid}-title", f"{self.uid}-told"
        given = {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "chart",
            "viewBox": f"0 0 {number(self.width)} {number(self.height)}",
            "width": self.width,
            "height": self.height,
            "role": "img",
            "aria-labelledby": " ".join(names),
            "font-family": FONT,
        }
        title = element("title", {"id": names[0]}, escape(self.title))
        told = element("desc", {"id": names[1]}, escape(self.told))
        # Every text in it went through escape().
        return SafeString(element("svg", given, title + told + "".join(self.parts)))


def _filled(colour: str) -> dict[str, object]:
    return {"class": f"c-{colour}", "fill": COLOURS[colour]}


def _drawn(colour: str, thick: float) -> dict[str, object]:
    return {"class": f"s-{colour}", "stroke": COLOURS[colour], "stroke-width": thick}
