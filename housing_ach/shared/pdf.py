"""HTML set on paper: tagged PDF (PDF/UA-1), with its language and title, from templates alone."""

import atexit
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from housing_ach.shared.pdf_libraries import missing_packages
from housing_ach.shared.problems import Refusal

STYLESHEET = "pdf/paper.css"
# Pango's fonts and WeasyPrint's logger are one per process.
ONE_AT_A_TIME = threading.Lock()
# How much of the time is over when WeasyPrint says that a step begins, measured on a report of 19
# pages. Layout, the fifth step, tells each page.
BEGUN = {3: 5, 4: 20, 5: 35, 6: 65, 7: 95}
LAYOUT = 5
Told = Callable[[int], object]


class CannotPrint(Refusal):
    """What PDFs are made with is not on this machine."""


class Pdf(NamedTuple):
    content: bytes
    pages: int


def trouble() -> str:
    """What keeps PDFs from being made here, in words for whoever runs the machine; else nothing."""
    if packages := missing_packages():
        return f"PDFs need: apt-get install {' '.join(packages)}"
    if not any(settings.PDF_FONTS.glob("*.ttf")):
        return "PDFs need their fonts: run bin/setup"
    return ""


def render_pdf(
    template: str,
    context: Mapping[str, object],
    *,
    language: str,
    pages: int = 1,
    told: Told | None = None,
) -> Pdf:
    """`told` hears how far it is, in percent of about so many pages. Raises CannotPrint."""
    if wrong := trouble():
        raise CannotPrint(wrong)
    with translation.override(language):
        html = render_to_string(template, {**context, "language": language})
    with ONE_AT_A_TIME, _telling(told, pages):
        return _set(html)


def _set(html: str) -> Pdf:
    import weasyprint  # noqa: PLC0415 - 54 MB and most of a second that only papers cost

    sheet, fonts = _stylesheet()
    nothing_else = weasyprint.URLFetcher(allowed_protocols=())
    page = weasyprint.HTML(string=html, url_fetcher=nothing_else)
    document = page.render(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    content = document.write_pdf(pdf_variant="pdf/ua-1")
    return Pdf(content, len(document.pages))


@lru_cache(maxsize=1)
def _stylesheet() -> tuple[Any, Any]:
    """Once per process: reading the fonts is a third of a receipt."""
    import weasyprint  # noqa: PLC0415 - as above
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - as above

    fonts = FontConfiguration()
    # It tidies up after itself, for which the interpreter must still be whole.
    atexit.register(_stylesheet.cache_clear)
    rules = render_to_string(STYLESHEET, {"fonts": settings.PDF_FONTS.as_uri()})
    only_files = weasyprint.URLFetcher(allowed_protocols=("file",), allow_redirects=False)
    return weasyprint.CSS(string=rules, font_config=fonts, url_fetcher=only_files), fonts


class _Progress(logging.Handler):
    """Hears WeasyPrint's seven steps and says what part of the whole is done, never going back."""

    STEP = re.compile(r"Step (\d)(?:.*Page (\d+))?")

    def __init__(self, told: Told, pages: int) -> None:
        super().__init__()
        self.told, self.pages, self.last = told, max(1, pages), -1

    def emit(self, record: logging.LogRecord) -> None:
        if (found := self.STEP.match(record.getMessage())) is None:
            return
        step, page = int(found[1]), int(found[2] or 0)
        done = BEGUN.get(step, 0)
        if step == LAYOUT:
            laid_out = min(1.0, page / self.pages)
            done += int((BEGUN[LAYOUT + 1] - done) * laid_out)
        if done > self.last:
            self.last = done
            self.told(done)


@contextmanager
def _telling(told: Told | None, pages: int) -> Iterator[None]:
    if told is None:
        yield
        return
    logger, handler = logging.getLogger("weasyprint.progress"), _Progress(told, pages)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
