"""Pictures of every page and paper, of the demo's data, for whoever looks whether they are right.

With `--docs`: the few that README and docs show.
"""

import argparse
import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import django
import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bin.measuring.serving import Page, served
from bin.stack.django import manage_aloud, quiet
from bin.stack.environment import DATABASE
from bin.stack.places import BASE
from bin.stack.throwaway import Throwaway, throwaway

FOLDER, DOCS = BASE / "build" / "pictures", BASE / "docs" / "pictures"
PHONE, DESKTOP = (390, 844), (1440, 900)
COLOURS = ("light", "dark")
PAPER_SCALE = 1.5
# Pages have few colours: a picture of the most frequent alone has half the bytes.
PALETTE = 256


class Shot(NamedTuple):
    """`whole` is the page to its end, not only what its window shows."""

    place: Path
    page: Page
    size: tuple[int, int]
    colours: str
    whole: bool


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/pictures", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="those that README and docs show")
    options = parser.parse_args()
    chromium = shutil.which("chromium-headless-shell")
    if chromium is None:
        print("chromium-headless-shell is needed", file=sys.stderr)
        return 1
    folder, planned = (DOCS, _for_docs) if options.docs else (FOLDER, _everything)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with throwaway() as servers:
        env = {"INSECURE_HTTP": "1"} | quiet(
            servers.addresses.environment("worker", var=servers.var)
        )
        manage_aloud("collectstatic", "--noinput", "-v0", env=env)
        os.environ.update(env)
        django.setup()
        shots = list(planned(servers))
        with served(servers, DATABASE) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
            for shot in shots:
                _take(browser, f"http://127.0.0.1:{server.port}", shot)
            browser.close()
    print(f"{len(list(folder.iterdir()))} pictures in {folder.relative_to(BASE)}")
    return 0


def _everything(_servers: Throwaway) -> Iterator[Shot]:
    manage_aloud("demo", env=dict(os.environ))
    from bin.measuring.looking import pages, papers  # noqa: PLC0415 - needs Django set up

    for path, cookie in pages():
        for size in (PHONE, DESKTOP):
            for colours in COLOURS:
                shown = path.partition("?")[0].strip("/") or "home"
                place = _place(f"{shown}-{size[0]}-{colours}")
                yield Shot(place, Page(path, cookie), size, colours, whole=True)
    for name, content in papers():
        _print(name, content)


def _for_docs(servers: Throwaway) -> Iterator[Shot]:
    from bin.measuring import doc_pages  # noqa: PLC0415 - needs Django set up

    doc_pages.live(servers.var / "bank")
    for name, path, cookie, size in doc_pages.pages():
        yield Shot(DOCS / f"{name}.png", Page(path, cookie), size, "light", whole=False)


def _take(browser: Browser, url: str, shot: Shot) -> None:
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.colours == "dark" else "light",
    )
    name, _, value = shot.page.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": url}])
    view = context.new_page()
    answer = view.goto(url + shot.page.path)
    if answer and answer.ok:
        _keep(view.screenshot(full_page=shot.whole), shot)
    elif not shot.whole:
        print(f"{shot.page.path} cannot be shown", file=sys.stderr)
    context.close()


def _keep(picture: bytes, shot: Shot) -> None:
    if shot.whole:
        shot.place.write_bytes(picture)
        return
    with Image.open(io.BytesIO(picture)) as full:
        image = full.convert("RGB")
    counted: list[tuple[int, Any]] = image.getcolors(image.width * image.height) or []
    often = sorted(counted, reverse=True)[:PALETTE]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in often for part in colour])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(shot.place, optimize=True)


def _print(name: str, content: bytes) -> None:
    document = pypdfium2.PdfDocument(content)
    for number, sheet in enumerate(document, start=1):
        sheet.render(scale=PAPER_SCALE).to_pil().save(_place(f"paper-{name}-{number}"))


def _place(name: str) -> Path:
    return FOLDER / f"{re.sub(r'[^a-z0-9.-]+', '-', name.lower())}.png"


if __name__ == "__main__":
    sys.exit(main())
