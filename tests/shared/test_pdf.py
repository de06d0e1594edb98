"""HTML becomes a tagged PDF from our own templates and fonts alone."""

import subprocess
import sys

import pytest
from django.template.loader import engines

from housing_ach.shared import pdf
from housing_ach.shared.pdf_libraries import PACKAGES, missing_packages
from tests.papers import Paper, needs_libraries, text_of

PAGE = """<html lang="{{ language }}"><head><title>Paper</title></head>
<body><h1>{{ name }}</h1>{% if src %}<img src="{{ src }}" alt="x">{% endif %}</body></html>"""


@pytest.fixture
def sheet(monkeypatch):
    """A template of the test's own in place of the loader's."""
    loaded = pdf.render_to_string

    def load(template, context):
        if template != "sheet":
            return loaded(template, context)
        return engines["django"].from_string(PAGE).render(context)

    monkeypatch.setattr(pdf, "render_to_string", load)


@needs_libraries
def test_it_is_tagged_and_tells_language_and_title(sheet):
    made = pdf.render_pdf("sheet", {"name": "Ada"}, language="es")

    paper = Paper(made.content)
    assert (paper.language, paper.title) == ("es", "Paper")
    assert paper.is_tagged
    assert paper.claims_ua
    assert made.pages == 1


@needs_libraries
@pytest.mark.parametrize("src", ["http://127.0.0.1:9/x.png", "file:///etc/hostname"])
def test_nothing_outside_is_fetched(sheet, src, caplog):
    made = pdf.render_pdf("sheet", {"name": "Ada", "src": src}, language="en")

    assert text_of(made.content).startswith("Ada")
    assert "disallowed protocol" in caplog.text


@needs_libraries
def test_its_letters_are_inter(sheet):
    made = pdf.render_pdf("sheet", {"name": "Zoë Nguyễn Łukasz Жанна"}, language="en")

    assert "Zoë Nguyễn Łukasz Жанна" in text_of(made.content)
    assert fonts_of(made.content) == {"Inter"}


def fonts_of(content: bytes) -> set[str]:
    paper = Paper(content)
    fonts = paper.pdf.pages[0].Resources.Font
    return {str(font.BaseFont).split("+")[-1].split("-")[0] for font in fonts.values()}


@needs_libraries
def test_it_tells_how_far_it_is_and_never_goes_back(sheet):
    told = []

    pdf.render_pdf("sheet", {"name": "Ada"}, language="en", told=told.append)

    assert told == sorted(set(told))
    assert told[-1] == 95


def test_a_missing_library_is_named_by_its_package(monkeypatch):
    monkeypatch.setattr(pdf, "missing_packages", lambda: ["libpango-1.0-0"])

    with pytest.raises(pdf.CannotPrint, match="apt-get install libpango"):
        pdf.render_pdf("sheet", {}, language="en")


def test_missing_fonts_are_told(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(pdf, "missing_packages", list)
    settings.PDF_FONTS = tmp_path

    assert pdf.trouble() == "PDFs need their fonts: run bin/setup"


def test_a_library_that_is_not_there_is_noticed(monkeypatch):
    monkeypatch.setitem(PACKAGES, "libnothing-of-ours.so.0", "libnothing0")

    assert "libnothing0" in missing_packages()


def test_set_up_reads_the_missing_packages_from_a_line():
    command = [sys.executable, "-m", "housing_ach.shared.pdf_libraries"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == " ".join(missing_packages())


def test_weasyprint_is_loaded_only_where_a_paper_is_made():
    told = "import sys, housing_ach.shared.pdf; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


@needs_libraries
def test_each_page_that_is_laid_out_moves_it(sheet):
    told = []
    name = "Ada " * 6000

    made = pdf.render_pdf("sheet", {"name": name}, language="en", pages=4, told=told.append)

    assert made.pages > 4
    assert len([done for done in told if 35 < done < 65]) >= 3
