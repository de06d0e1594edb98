"""A measured figure beside what it has to be."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    target: str
    ok: bool


def at_least(name: str, value: float, limit: float) -> Figure:
    return Figure(name, round(value, 2), f">= {limit:g}", value >= limit)


def at_most(name: str, value: float, limit: float) -> Figure:
    return Figure(name, round(value, 3), f"<= {limit:g}", value <= limit)


def tell(figures: Sequence[Figure], *, as_json: bool) -> int:
    """Print them; 1 where one is missed."""
    if as_json:
        print(json.dumps([asdict(figure) for figure in figures]))
    else:
        for figure in figures:
            mark = "ok    " if figure.ok else "MISSED"
            print(f"{mark} {figure.value:>10,.3f}  (target {figure.target})  {figure.name}")
    return 0 if all(figure.ok for figure in figures) else 1
