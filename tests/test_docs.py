"""Pages for people: each link leads somewhere, and each picture is small and shown."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BASE = Path(settings.BASE_DIR)
PAGES = [BASE / "README.md", *sorted((BASE / "docs").rglob("*.md")), BASE / "deploy/README.md"]
PICTURES = sorted((BASE / "docs/pictures").glob("*.png"))
LINK = re.compile(r"""\]\(([^)#\s]+)[^)]*\)|src="([^"]+)\"""")
ONE, ALL = 150_000, 1_200_000


def linked(page: Path) -> set[Path]:
    found = ("".join(parts) for parts in LINK.findall(page.read_text()))
    return {(page.parent / link).resolve() for link in found if "://" not in link}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE)))
def test_every_link_leads_to_a_file(page):
    assert not [str(place) for place in linked(page) if not place.exists()]


def test_every_picture_is_shown_and_small():
    shown = set().union(*(linked(page) for page in PAGES))
    sizes = {picture.name: picture.stat().st_size for picture in PICTURES}

    assert PICTURES
    assert not [picture.name for picture in PICTURES if picture not in shown]
    assert not {name: size for name, size in sizes.items() if size > ONE}
    assert sum(sizes.values()) <= ALL
