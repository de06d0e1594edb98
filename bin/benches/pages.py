"""Every page on a large database beside the same page on a small one: `bin/bench pages [--json]`.

Both begin with forty days of the same 100 made-up leases. The small one has about 1,000 payments of
them, over some months; the large one two hundred times the leases for as long as it takes to make
1,000,000 payments of 20,000 leases. One gunicorn worker serves each; requests are made in turn, so that
a busy machine slows both. A page's figure is the 95th percentile of its time to answer, large over small.
"""

import argparse
import http.client
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from django.db import connections

from bin.measuring.figures import Figure, at_most, tell
from bin.measuring.grow import LIVED_DAYS, counts, grow
from bin.measuring.serving import Page, Server, served
from bin.stack.django import manage_aloud, quiet
from bin.stack.environment import DATABASE
from bin.stack.throwaway import Throwaway, throwaway

LEASES = 100
MONTHS, MANY_MONTHS, TIMES = 4, 21, 200
ROUNDS = 30
SLOW_SECONDS = 0.150
PAGE_BYTES = 120_000
LARGE = "large"


def run(times: int) -> list[Figure]:
    with throwaway() as servers:
        env = {"INSECURE_HTTP": "1"} | quiet(
            servers.addresses.environment("worker", var=servers.var)
        )
        manage_aloud(
            "simulate", "--days", str(LIVED_DAYS), "--seed", "7", "--leases", str(LEASES), env=env
        )
        manage_aloud("collectstatic", "--noinput", "-v0", env=env)
        os.environ.update(env)
        pages = _pages()
        _grow(servers, times)
        with served(servers, DATABASE) as small, served(servers, LARGE) as large:
            shown = [page for page in pages if _is_shown(page, small)]
            return [
                _first_page(shown[0], small, servers.var),
                *(_compare(page, small, large) for page in shown),
            ]


def _grow(servers: Throwaway, times: int) -> None:
    servers.postgres.run_sql(f"CREATE DATABASE {LARGE} TEMPLATE {DATABASE}")
    for database, months, leases in ((DATABASE, MONTHS, 1), (LARGE, MANY_MONTHS, times)):
        url = servers.postgres.url("superuser", database)
        with psycopg.connect(url, autocommit=True) as connection:
            grow(connection, months=months, times=leases)
            told = ", ".join(f"{table} {count:,}" for table, count in counts(connection))
        print(f":: {database}: {told}", file=sys.stderr)


def _pages() -> list[Page]:
    """Who looks, and at what: chosen while there is one database only; ids are the same in both."""
    django.setup()
    from bin.measuring.looking import pages  # noqa: PLC0415 - needs the environment of the servers

    found = [Page(path, cookie) for path, cookie in pages()]
    connections.close_all()
    return found


def _is_shown(page: Page, server: Server) -> bool:
    """What only takes a form, or leads elsewhere, is no page; anything else that fails is a fault."""
    _, status, _ = server.ask(page)
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        raise SystemExit(f"{page.path} answered {status}")
    if status != http.HTTPStatus.OK:
        print(f":: {page.path} answers {status}: not measured", file=sys.stderr)
    return status == http.HTTPStatus.OK


def _compare(page: Page, small: Server, large: Server) -> Figure:
    taken: dict[Server, list[float]] = {small: [], large: []}
    for number in range(ROUNDS + 2):
        for server, times in taken.items():
            took, status, _ = server.ask(page)
            if status != http.HTTPStatus.OK:
                raise SystemExit(f"{page.path} answered {status}")
            if number > 1:
                times.append(took)
    few, many = (statistics.quantiles(taken[server], n=20)[-1] for server in (small, large))
    slow = ", over 150 ms" if many > SLOW_SECONDS else ""
    name = f"{page.path}: {few * 1000:.0f} ms small, {many * 1000:.0f} ms large{slow}"
    return at_most(name, many / few, 2)


def _first_page(page: Page, server: Server, var: Path) -> Figure:
    """Without its font, which comes after the words are there."""
    _, _, body = server.ask(page)
    linked = [
        urlsplit(link.decode()).path.removeprefix("/static/")
        for link in body.split(b'"')
        if link.startswith(b"/static/") and link.endswith((b".css", b".js"))
    ]
    size = len(body) + sum((var / "static" / path).stat().st_size for path in linked)
    return at_most(f"{page.path}: bytes of page, style and script", size, PAGE_BYTES)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench pages", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--times", type=int, default=TIMES, help="a smaller large database")
    options = parser.parse_args(argv)
    return tell(run(options.times), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
