"""A program that collects a month's rent through the API. It needs nothing but Python 3.11.

    python3 docs/client/hms.py COMMAND --help

What it has to know stands in a JSON file, `var/api/client.json` unless HMS_API names another: `api` is
where it calls, `client_id` who it is; `certificate`, `key` and `ca`, which signed the server's, are files.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

CONFIG = os.environ.get("HMS_API", "var/api/client.json")
SCOPES = "ach:read ach:write ach:recon"
# A token lives ten minutes.
FRESH_SECONDS = 540
WEBHOOK_SECONDS = 300
TOO_MANY = 429
# Rent is charged so long before it falls due, and taken by autopay so long before.
CHARGED, TAKEN = timedelta(days=11), timedelta(days=6)


class Refused(Exception):
    """The API said no; its problem document says why."""


class Api:
    """One connection with our certificate, and a token that is bound to it."""

    def __init__(self, config: dict[str, str]) -> None:
        self.client_id = config["client_id"]
        context = ssl.create_default_context(cafile=config["ca"])
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(config["certificate"], config["key"])
        place = urlsplit(config["api"])
        self.connection = http.client.HTTPSConnection(
            place.hostname or "", place.port, context=context, timeout=60
        )
        self.token, self.token_at = "", float("-inf")

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, body: Any, *, key: str = "") -> Any:
        """The same key sends the same request again, and nothing is done twice."""
        return self.call("POST", path, json.dumps(body).encode(), key=key)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        page = self.get(path, limit=200, **query)
        yield from page["data"]
        while page["has_more"]:
            page = self.get(path, limit=200, cursor=page["next_cursor"], **query)
            yield from page["data"]

    def call(
        self, method: str, path: str, body: bytes = b"", *, kind: str = "", key: str = ""
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._fresh_token()}"}
        if body:
            headers["Content-Type"] = kind or "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = key or uuid4().hex
        return self._send(method, f"/api/v1{path}", body, headers)

    def _fresh_token(self) -> str:
        """OAuth 2.0 client credentials; who we are, our certificate says (RFC 8705)."""
        if time.monotonic() - self.token_at > FRESH_SECONDS:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "scope": SCOPES,
            }
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._send("POST", "/oauth/token", urlencode(form).encode(), kind)
            self.token, self.token_at = answer["access_token"], time.monotonic()
        return self.token

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        while True:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            said = answer.read()
            if answer.status != TOO_MANY:
                break
            time.sleep(int(answer.headers["Retry-After"]))
        if answer.status >= http.client.BAD_REQUEST:
            raise Refused(f"{method} {path}: {answer.status} {said.decode()}")
        return json.loads(said) if said else None


def reach(api: Api, _options: argparse.Namespace) -> None:
    """Let the sandbox's days pass until next month's rent is charged, and autopay has not taken it."""
    today = date.fromisoformat(api.get("/test/clock")["now"][:10])
    first = today
    while not first - CHARGED <= today <= first - TAKEN:
        today += timedelta(days=1)
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    _advance(api, {"to": f"{today}T17:00:00Z"})
    print(today)


def rent(api: Api, options: argparse.Namespace) -> None:
    """Write the request that asks every payer of a property for what falls due next."""
    items = [
        item
        for lease in api.pages("/leases", property=options.property)
        for item in wanted(api, lease["external_id"], options)
    ]
    batch = {
        "external_id": options.name,
        "count": len(items),
        "total_amount": sum(item["amount"] for item in items),
        "items": items,
    }
    print(json.dumps(batch, indent=1))


def submit(api: Api, options: argparse.Namespace) -> None:
    """Send a request that was written; sent again, it is the same request."""
    batch = json.loads(Path(options.file).read_text())
    made = api.post("/ach/transactions", batch, key=f"batch-{batch['external_id']}")
    print(made["id"])


def wanted(api: Api, lease: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One debit a payer: what he owes first, on its day or today, by the permission he gave."""
    mandates = {row["tenant"]: row for row in api.pages("/mandates", lease=lease)}
    for payer in api.get(f"/leases/{lease}/balance")["payers"]:
        due, mandate = payer["next_due"], mandates.get(payer["tenant"])
        if due and mandate and mandate["status"] == "active":
            yield {
                "external_id": f"{options.name}:{lease}:{payer['tenant']}",
                "tenant": payer["tenant"],
                "lease": lease,
                "mandate": mandate["id"],
                "amount": due["amount"],
                "currency": "USD",
                "effective_date": max(due["on"], options.today or time.strftime("%Y-%m-%d")),
            }


def payments_of(api: Api, batch: str) -> Iterator[dict[str, Any]]:
    """The orders of a batch are paged; each is one payment for each fund."""
    page = api.get(f"/ach/status/{batch}", limit=200)["orders"]
    while True:
        for order in page["data"]:
            yield from order["payments"]
        if not page["has_more"]:
            return
        cursor = page["next_cursor"]
        page = api.get(f"/ach/status/{batch}", limit=200, cursor=cursor)["orders"]


def status(api: Api, options: argparse.Namespace) -> None:
    """How far a batch has come."""
    for total in api.get(f"/ach/status/{options.batch}")["totals"]:
        print(f"{total['status']:<10} {total['count']:>6} {total['amount'] / 100:>14,.2f}")


def sent(api: Api, options: argparse.Namespace) -> None:
    """Let the sandbox's days pass until every payment of a batch is with the bank."""
    while not all(row["trace"] for row in payments_of(api, options.batch)):
        _advance(api, {"days": 1})
    print(api.get("/test/clock")["now"])


def advance(api: Api, options: argparse.Namespace) -> None:
    """Let days of the sandbox pass, and wait until they have."""
    _advance(api, {"days": options.days})
    print(api.get("/test/clock")["now"])


def _advance(api: Api, to: dict[str, Any]) -> None:
    api.post("/test/clock/advance", to)
    while api.get("/test/clock")["going_to"]:
        time.sleep(0.5)


def bounce(api: Api, options: argparse.Namespace) -> None:
    """Let the sandbox bank return the first payment of a batch."""
    payment = next(row for row in payments_of(api, options.batch) if row["trace"])
    told = api.post(f"/test/payments/{payment['id']}/return", {"code": options.code})
    print(f"payment {payment['id']} comes back as {told['code']} on {told['comes_on']}")


def settled(api: Api, options: argparse.Namespace) -> None:
    """The day on which the first payment of a batch settled."""
    print(min(row["settled_on"] for row in payments_of(api, options.batch) if row["settled_on"]))


def reconcile(api: Api, options: argparse.Namespace) -> None:
    """Tell what our own books say of a batch, and print what does not fit the bank's word."""
    lines = [
        {
            "trace": row["trace"],
            "amount": row["amount"],
            "status": "settled",
            "on": row["settled_on"],
        }
        for row in payments_of(api, options.batch)
        if row["status"] == "Settled"
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    result = api.call("PUT", "/ach/reconcile", body, kind="application/x-ndjson")
    while result["status"] == "received":
        time.sleep(0.5)
        result = api.get(f"/ach/reconcile/{result['id']}")
    print(json.dumps({name: result[name] for name in ("status", "totals")}))


def listen(api: Api, options: argparse.Namespace) -> None:
    """Be told by webhook: print what comes with a good signature until `--until` came."""
    done = threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    url = f"http://127.0.0.1:{server.server_port}/hooks"
    endpoint = api.post("/webhook-endpoints", {"url": url, "kinds": [options.until]})
    server.told = lambda headers, body: told(endpoint["secret"], headers, body, done)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening for {options.until}", flush=True)
    if not done.wait(options.seconds):
        raise Refused(f"no {options.until} came in {options.seconds} seconds")


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(204 if self.server.told(headers, body) else 400)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def told(secret: str, headers: dict[str, str], body: bytes, done: threading.Event) -> bool:
    if not is_signed(secret, headers, body):
        print("a message without a good signature", file=sys.stderr)
        return False
    message = json.loads(body)
    data = message["data"]
    print(f"{message['type']} payment {data['id']} {data['return_code'] or ''}".strip(), flush=True)
    done.set()
    return True


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As Standard Webhooks has it; what is old may be somebody's copy."""
    if abs(time.time() - int(headers["webhook-timestamp"])) > WEBHOOK_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    ours = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    given = [part.partition(",")[2] for part in headers["webhook-signature"].split()]
    return any(hmac.compare_digest(ours, each) for each in given)


def call(api: Api, options: argparse.Namespace) -> None:
    """Any request; prints the answer."""
    body = Path(options.file).read_bytes() if options.file else b""
    print(json.dumps(api.call(options.method, options.path, body), indent=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Any, *arguments: str, **optional: Any) -> None:
        one = commands.add_parser(run.__name__, help=run.__doc__)
        for name in arguments:
            one.add_argument(name)
        for name, default in optional.items():
            one.add_argument(f"--{name}", default=default, type=type(default))
        one.set_defaults(run=run)

    command(reach)
    command(rent, property="ALDER", name="rent", today="")
    command(submit, "file")
    command(status, "batch")
    command(sent, "batch")
    command(advance, days=1)
    command(bounce, "batch", code="R01")
    command(listen, until="payment.returned", seconds=120)
    command(settled, "batch")
    command(reconcile, "batch")
    command(call, "method", "path", file="")
    options = parser.parse_args()
    try:
        options.run(Api(json.loads(Path(CONFIG).read_text())), options)
    except (Refused, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
