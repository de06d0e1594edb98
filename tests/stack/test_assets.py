"""Fonts are made at set-up: small for pages, whole for papers, and the same every time."""

from io import BytesIO

import pytest
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

from bin.stack import assets

BUDGET_BYTES = 40_000


def test_pages_find_a_small_variable_font():
    found = finders.find("fonts/inter.woff2")

    assert found
    font = TTFont(found)
    assert assets.WEB.stat().st_size < BUDGET_BYTES
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [
        ("wght", 400, 700)
    ]


@pytest.mark.parametrize("letter", "Aé€“→ÑñŁ")
def test_pages_have_the_letters_of_tenants(letter):
    assert ord(letter) in TTFont(assets.WEB).getBestCmap()


@pytest.mark.parametrize("letter", "AéễЖΩ")
def test_papers_have_more_letters(letter):
    assert ord(letter) in TTFont(assets.PAPER / "Inter-Regular.ttf").getBestCmap()


def test_figures_can_stand_in_columns():
    features = TTFont(assets.WEB)["GSUB"].table.FeatureList.FeatureRecord

    assert "tnum" in {feature.FeatureTag for feature in features}


def test_the_same_wheel_gives_the_same_bytes():
    first, second = (bytes_of(assets.cut_to("0041-0045")) for _ in range(2))

    assert first == second


def bytes_of(font: TTFont) -> bytes:
    out = BytesIO()
    font.save(out)
    return out.getvalue()
