"""The smoke test must be able to fail."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bin.stack.browser import Browser
from bin.stack.smoke import Failed, administrator, crawl

PAGES = {
    "/desk/status/": "status",
    "/admin/": '<a href="/admin/tenants/lease/">Leases</a> <a href="/elsewhere/">x</a>',
    "/admin/tenants/lease/": '<a href="/admin/tenants/lease/7/change/?_q=1">7</a>',
    "/admin/tenants/lease/7/change/": "lease",
    "/admin/tenants/lease/7/history/": "history",
}


@pytest.fixture
def site():
    """A site of given pages: everything else is an error of the server."""
    pages = dict(PAGES)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = pages.get(self.path)
            self.send_response(500 if found is None else 200)
            self.end_headers()
            self.wfile.write((found or "broken").encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Browser(f"http://127.0.0.1:{server.server_port}/"), pages
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_opens_every_list_its_first_record_and_its_history(site):
    browser, _ = site

    assert crawl(browser) == 5


@pytest.mark.parametrize("path", sorted(PAGES))
def test_one_broken_page_fails_it(site, path):
    browser, pages = site
    del pages[path]

    with pytest.raises(Failed, match="500"):
        crawl(browser)


def test_an_empty_admin_fails_it(site):
    browser, pages = site
    pages["/admin/"] = "nothing here"

    with pytest.raises(Failed, match="lists nothing"):
        crawl(browser)


def test_it_signs_in_as_the_administrator_among_the_log_ins():
    told = "clerk@example.org finance secret\nada@example.org admin secret\n"

    assert administrator(told) == ["ada@example.org", "admin", "secret"]
