"""What the machine API of `bin/run` and its demo program show each other: made once, for a sandbox alone."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from bin.stack.authority import SERVER, Authority

HOSTS = ("localhost", "127.0.0.1", "::1")
LASTS = timedelta(days=365)
# What ends sooner is made anew at a start.
ENOUGH = timedelta(days=45)
FILES = ("server-ca.crt", "server.crt", "server.key", "client-ca.crt", "client.crt", "client.key")
# Who the demo program is and where its files are; `manage.py demo_client` writes it.
NOTE = "client.json"


def make_certificates(folder: Path) -> bool:
    """Whether they are new: then the program has to be registered with its new one."""
    if _are_good(folder):
        return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    servers, programs = Authority("HMS-ACH sandbox servers"), Authority("HMS-ACH sandbox programs")
    server = servers.issue("localhost", usage=SERVER, hosts=HOSTS, lasts=LASTS)
    client = programs.issue("demo program", lasts=LASTS)
    made = {
        "server-ca.crt": servers.certificate,
        "server.crt": server.certificate,
        "server.key": server.key,
        "client-ca.crt": programs.certificate,
        "client.crt": client.certificate,
        "client.key": client.key,
    }
    (folder / NOTE).unlink(missing_ok=True)
    for name, text in made.items():
        _write(folder / name, text)
    return True


def environment(folder: Path, port: int) -> dict[str, str]:
    """Of the process that ends the connections itself (deploy/gunicorn_tls.py)."""
    return {
        "INSECURE_HTTP": "0",
        "WEBHOOK_ALLOW_LOOPBACK": os.environ.get("WEBHOOK_ALLOW_LOOPBACK", "1"),
        "API_REQUIRE_BOUND": "1",
        "API_TLS_BIND": f"127.0.0.1:{port}",
        "API_TLS_CERTIFICATE": str(folder / "server.crt"),
        "API_TLS_KEY": str(folder / "server.key"),
        "API_TLS_CLIENT_CA": str(folder / "client-ca.crt"),
        "WEB_CONCURRENCY": "1",
    }


def _are_good(folder: Path) -> bool:
    if not all((folder / name).exists() for name in FILES):
        return False
    found = [(folder / name).read_bytes() for name in FILES if name.endswith(".crt")]
    ends = min(x509.load_pem_x509_certificate(pem).not_valid_after_utc for pem in found)
    return ends > datetime.now(UTC) + ENOUGH


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and its owner's alone."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(fresh, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    fresh.rename(path)
