"""Pictures of every page and paper, of the demo's data, for whoever looks whether they are right."""

import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import django
import pypdfium2
from playwright.sync_api import Browser, sync_playwright

from bin.measuring.serving import Page, served
from bin.stack.django import manage_aloud, quiet
from bin.stack.environment import DATABASE
from bin.stack.places import BASE
from bin.stack.throwaway import throwaway

FOLDER = BASE / "build" / "pictures"
PHONE, DESKTOP = (390, 844), (1440, 900)
COLOURS = ("light", "dark")
PAPER_SCALE = 1.5


def main() -> int:
    chromium = shutil.which("chromium-headless-shell")
    if chromium is None:
        print("chromium-headless-shell is needed", file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with throwaway() as servers:
        env = {"INSECURE_HTTP": "1"} | quiet(
            servers.addresses.environment("worker", var=servers.var)
        )
        manage_aloud("demo", env=env)
        manage_aloud("collectstatic", "--noinput", "-v0", env=env)
        os.environ.update(env)
        django.setup()
        from bin.measuring.looking import pages, papers  # noqa: PLC0415 - needs Django set up

        shown = [Page(path, cookie) for path, cookie in pages()]
        for name, content in papers():
            _print(name, content)
        with served(servers, DATABASE) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
            _look(browser, f"http://127.0.0.1:{server.port}", shown)
            browser.close()
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER.relative_to(BASE)}")
    return 0


def _look(browser: Browser, url: str, pages: Iterable[Page]) -> None:
    for page in pages:
        name, _, value = page.cookie.partition("=")
        for width, height in (PHONE, DESKTOP):
            for colours in COLOURS:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if colours == "dark" else "light",
                )
                context.add_cookies([{"name": name, "value": value, "url": url}])
                view = context.new_page()
                answer = view.goto(url + page.path)
                if answer and answer.ok:
                    view.screenshot(
                        path=_place(f"{page.path.strip('/') or 'home'}-{width}-{colours}"),
                        full_page=True,
                    )
                context.close()


def _print(name: str, content: bytes) -> None:
    document = pypdfium2.PdfDocument(content)
    for number, sheet in enumerate(document, start=1):
        sheet.render(scale=PAPER_SCALE).to_pil().save(_place(f"paper-{name}-{number}"))


def _place(name: str) -> Path:
    return FOLDER / f"{re.sub(r'[^a-z0-9.-]+', '-', name.lower())}.png"


if __name__ == "__main__":
    sys.exit(main())
