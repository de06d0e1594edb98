"""The API beside what it is made of: `bin/bench api [--json]`.

Two gunicorn workers, PostgreSQL and Valkey of their own, 10,000 payers with rent to pay. Every figure
is a ratio of two things measured in turn in the same run.
"""

import argparse
import json
import os
import statistics
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

import django
import psycopg
import requests

from bin.measuring.figures import Figure, at_least, at_most, tell
from bin.measuring.serving import Caller, Server, served
from bin.stack.django import quiet
from bin.stack.environment import DATABASE
from bin.stack.throwaway import Throwaway, throwaway

if TYPE_CHECKING:
    from bin.measuring.town import Town

ITEMS, FEW = 10_000, 10
ROUNDS, SINGLES, PAGES = 3, 200, 60
DELIVERIES = 400
WORKERS = 2
BARE = (
    "CREATE TABLE bare_row (id bigserial PRIMARY KEY, body jsonb NOT NULL)",
    "GRANT INSERT, SELECT ON bare_row TO PUBLIC",
    "GRANT USAGE ON SEQUENCE bare_row_id_seq TO PUBLIC",
)
PATH = "/api/v1/ach/transactions"
UNLIMITED = {f"API_{kind}_PER_MINUTE": "1000000" for kind in ("READS", "WRITES", "TOKENS")}
JSON = {"Content-Type": "application/json"}


def run(items: int) -> list[Figure]:
    with throwaway() as servers:
        env = {"INSECURE_HTTP": "1"} | quiet(
            servers.addresses.environment("worker", var=servers.var)
        )
        os.environ.update(env | UNLIMITED)
        django.setup()
        from bin.measuring.town import Town  # noqa: PLC0415 - needs the environment

        town = Town(items, superuser=servers.postgres.url("superuser", DATABASE))
        print(f":: {len(town.items):,} payers with rent to pay", file=sys.stderr)
        with psycopg.connect(servers.postgres.url("superuser", DATABASE), autocommit=True) as own:
            for statement in BARE:
                own.execute(statement)
        with served(servers, DATABASE, workers=WORKERS, more=UNLIMITED) as server:
            caller = _caller(server, town)
            return [
                _batch(caller, town),
                _single(caller, town, servers),
                _status(caller, town, servers),
                _token(caller),
                _deliveries(town),
            ]


def _caller(server: Server, town: "Town") -> Caller:
    pair = b64encode(f"{town.client.client_id}:{town.secret}".encode()).decode()
    form = urlencode({"grant_type": "client_credentials"}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {pair}"}
    _, status, said = Caller(server, kind).call("POST", "/oauth/token", form)
    _require(status, 200, said)
    return Caller(server, {"Authorization": f"Bearer {json.loads(said)['access_token']}", **JSON})


def _batch(caller: Caller, town: "Town") -> Figure:
    """Many items through the door, beside the service behind it."""
    outside, inside = [], []
    for _ in range(ROUNDS):
        took, _ = _submitted(caller, town.wishes(ITEMS))
        outside.append(took)
        inside.append(town.submit(town.wishes(ITEMS)))
    near, far = statistics.median(inside), statistics.median(outside)
    count = len(town.items)
    return at_most(f"POST of {count:,} items: {far:.2f} s, in-process {near:.2f} s", far / near, 3)


def _single(caller: Caller, town: "Town", servers: Throwaway) -> Figure:
    """One debit, beside a view that inserts one row."""
    _analyze(servers)
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    bare = {"DJANGO_SETTINGS_MODULE": "bin.measuring.bare_settings"}
    with served(
        servers, DATABASE, workers=WORKERS, application="bin.measuring.bare", more=bare
    ) as server:
        other = Caller(server, JSON)
        for number, item in enumerate(town.wishes(SINGLES + WORKERS * 4)):
            body = json.dumps(item).encode()
            key = {"Idempotency-Key": uuid4().hex}
            ours, status, said = caller.call("POST", PATH, body, **key)
            _require(status, 201, said)
            least, status, said = other.call("POST", "/bare", body)
            _require(status, 201, said)
            if number >= WORKERS * 4:
                times["ours"].append(ours)
                times["bare"].append(least)
    ours, least = (statistics.quantiles(times[name], n=20)[-1] for name in ("ours", "bare"))
    name = f"POST of one, p95: {ours * 1000:.1f} ms, bare view {least * 1000:.1f} ms"
    return at_most(name, ours / least, 3)


def _status(caller: Caller, town: "Town", servers: Throwaway) -> Figure:
    """The first page of a large batch, beside one of a small batch."""
    places = [_submitted(caller, town.wishes(count))[1] for count in (FEW, ITEMS)]
    _analyze(servers)
    times: list[list[float]] = [[], []]
    for number in range(PAGES):
        for place, taken in zip(places, times, strict=True):
            took, status, said = caller.call("GET", f"{place}?limit={FEW}")
            _require(status, 200, said)
            if number > WORKERS * 2:
                taken.append(took)
    few, many = (statistics.quantiles(taken, n=20)[-1] for taken in times)
    name = f"status, first page, p95: {many * 1000:.1f} ms, of {FEW} items {few * 1000:.1f} ms"
    return at_most(name, many / few, 2)


def _analyze(servers: Throwaway) -> None:
    """As autovacuum does wherever a database is kept."""
    with psycopg.connect(servers.postgres.url("superuser", DATABASE), autocommit=True) as own:
        own.execute("VACUUM ANALYZE")


def _submitted(caller: Caller, items: Sequence[dict[str, Any]]) -> tuple[float, str]:
    """Seconds, and where the batch is followed."""
    total = sum(item["amount"] for item in items)
    body = json.dumps({"count": len(items), "total_amount": total, "items": list(items)}).encode()
    took, status, said = caller.call("POST", PATH, body, **{"Idempotency-Key": uuid4().hex})
    _require(status, 201, said)
    return took, f"/api/v1/ach/status/{json.loads(said)['id']}"


def _token(caller: Caller) -> Figure:
    """Queries of the check of a token, beside the client's own row."""
    from bin.measuring.town import queries_of_a_check  # noqa: PLC0415 - needs the environment

    more = queries_of_a_check(caller.headers["Authorization"])
    return at_most("queries to check a token beside the client's row", more, 0)


def _deliveries(town: "Town") -> Figure:
    """Webhooks a second, beside a loop that posts the same to the same receiver."""
    session, ours, loop = requests.Session(), list[float](), list[float]()
    with _receiver() as url:
        for _ in range(ROUNDS):
            ours.append(town.deliver(url, DELIVERIES))
            began = time.perf_counter()
            for _ in range(DELIVERIES):
                session.post(url, data=b"x" * 300, timeout=10)
            loop.append(DELIVERIES / (time.perf_counter() - began))
    near, far = statistics.median(loop), statistics.median(ours)
    name = f"webhooks: {far:.0f} a second, a bare loop {near:.0f}"
    return at_least(name, far / near, 0.5)


@contextmanager
def _receiver() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        log_message: Callable[..., None] = lambda *_: None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks"
    finally:
        server.shutdown()


def _require(found: int, wanted: int, said: bytes) -> None:
    if found != wanted:
        raise SystemExit(f"answered {found}, not {wanted}: {said[:400].decode(errors='replace')}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench api", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--items", type=int, default=ITEMS, help="a smaller large batch")
    options = parser.parse_args(argv)
    return tell(run(options.items), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
