"""What pages and papers need and the repository does not hold, made once at set-up.

Inter as one small variable font for pages and two plain ones for papers, and one script: htmx, then ours.
The same wheels give the same bytes: no time and no machine goes into them.
"""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import as_file, files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from bin.stack.places import BASE

WEB = BASE / "build" / "static" / "fonts" / "inter.woff2"
PAPER = BASE / "build" / "fonts"
SCRIPT = BASE / "build" / "static" / "js" / "hms.js"
HTMX = "static/django_htmx/htmx-2.min.js"
WEIGHTS = {400: "Regular", 600: "SemiBold"}
TEXT_SIZE = 14
# What pages need: Latin with its accents, punctuation, currency, arrows and a few marks.
LETTERS = "0020-007E,00A0-017F,02C6,02DA,02DC,2010-2015,2018-201E,2020-2022,2026,2030,2039-203A"
MARKS = "20AC,2116,2122,2190-2193,2212,25B2,25BC,2713,FFFD"
# Names stand on papers as they are written, also in Vietnamese, Romanian, Greek and Cyrillic.
OTHER_LETTERS = "01A0-01B0,0218-021B,0300-036F,0370-03FF,0400-04FF,1E00-1EFF"
FEATURES = ["kern", "liga", "calt", "tnum", "case", "ccmp", "locl", "mark", "mkmk"]


def make() -> None:
    with ProcessPoolExecutor() as pool:
        papers = [pool.submit(make_paper, weight) for weight in WEIGHTS]
        pool.submit(make_web).result()
        for paper in papers:
            paper.result()
    make_script()


def make_web() -> None:
    font = cut_to(LETTERS, MARKS)
    font = instancer.instantiateVariableFont(font, {"opsz": TEXT_SIZE, "wght": (400, 700)})
    font.flavor = "woff2"
    put(WEB, font.save)


def make_paper(weight: int) -> None:
    font = cut_to(LETTERS, MARKS, OTHER_LETTERS)
    font = instancer.instantiateVariableFont(font, {"opsz": TEXT_SIZE, "wght": weight})
    put(PAPER / f"Inter-{WEIGHTS[weight]}.ttf", font.save)


def make_script() -> None:
    """One request instead of two."""
    htmx = (files("django_htmx") / HTMX).read_text()
    ours = (BASE / "static" / "js" / "page.js").read_text()
    put(SCRIPT, lambda path: Path(path).write_text(f"{htmx.rstrip()}\n{ours}"))


def cut_to(*unicodes: str) -> TTFont:
    options = subset.Options(layout_features=FEATURES, name_IDs=["*"], notdef_outline=True)
    with as_file(files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf") as source:
        font = TTFont(source, recalcTimestamp=False)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=subset.parse_unicodes(",".join(unicodes)))
        cutter.subset(font)
    return font


def put(path: Path, save: Callable[[str], object]) -> None:
    """Whole or not at all: somebody may be reading the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    save(str(fresh))
    fresh.rename(path)


if __name__ == "__main__":
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    make()
