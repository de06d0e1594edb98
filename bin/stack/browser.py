"""A very small browser: cookies, forms and links of our own pages on loopback."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

SECONDS = 30


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    text: str


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fields: dict[str, str] = {}
        self.ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self.fields = {}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag == "dialog":
            self.ended = True
        if (
            tag == "input"
            and not self.ended
            and given.get("name")
            and given.get("type") != "submit"
        ):
            self.fields[given["name"] or ""] = given.get("value") or ""


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(page.text)
    return reader


@dataclass
class Browser:
    base: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def submit(self, page: Page, **filled: str) -> Page:
        """The one form of the page's main part, with its hidden fields, filled in."""
        body = urllib.parse.urlencode(read(page).fields | filled).encode()
        headers = {"Referer": page.url}
        return self._open(urllib.request.Request(page.url, data=body, headers=headers))

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self.opener.open(request, timeout=SECONDS) as answer:
                return Page(answer.url, answer.status, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            return Page(
                error.url or request.full_url, error.code, error.read().decode("utf-8", "replace")
            )

    def links(self, page: Page, *, under: str) -> list[str]:
        """Paths of ours on the page, each once, without their query."""
        found: dict[str, None] = {}
        for link in read(page).links:
            path = urllib.parse.urlsplit(urllib.parse.urljoin(page.url, link)).path
            if path.startswith(under):
                found[path] = None
        return list(found)
