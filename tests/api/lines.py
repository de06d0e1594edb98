"""Real servers that ask a program for its certificate, and programs that show one, all on loopback."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from bin.stack.authority import SERVER, Authority, Identity
from housing_ach.api.certificates import thumbprint
from housing_ach.api.rates import count
from housing_ach.users.clients import set_networks
from housing_ach.users.models import Client
from housing_ach.users.states import ClientAuth, Scope
from tests.api.calling import PROXY_SECRET, TOKEN, registered
from tests.conftest import Database

BUILT = Path(settings.BASE_DIR) / "build/nginx/nginx"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or (
    str(BUILT) if BUILT.exists() else None
)
needs_nginx = pytest.mark.skipif(
    NGINX is None, reason="nginx is not installed: sudo apt-get install nginx"
)
READY_SECONDS = 60
HOSTS = ("localhost", "127.0.0.1")
READ = "/api/v1/properties"


class Programs:
    """Their certificates, by one authority and by a stranger's, and the files they are in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours, self.servers = Authority("Programs"), Authority("Servers")
        self.erp, self.recon = self.ours.issue("erp"), self.ours.issue("recon")
        self.revoked, self.unknown = self.ours.issue("old"), self.ours.issue("unknown")
        self.strangers = Authority("Strangers").issue("erp")
        self.server = self.servers.issue("localhost", usage=SERVER, hosts=HOSTS)
        self.write("client-ca.crt", self.ours.certificate)
        self.write("client-ca.crl", self.ours.revoking([self.revoked.serial]))
        self.ca = self.write("server-ca.crt", self.servers.certificate)
        self.shown("server", self.server)

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def shown(self, name: str, identity: Identity) -> tuple[str, str]:
        pair = (identity.certificate, identity.key)
        first, second = (
            self.write(f"{name}.{end}", text)
            for end, text in zip(("crt", "key"), pair, strict=True)
        )
        return first, second


class From(HTTPAdapter):
    """Calls from one of this machine's addresses."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, source_address=(self.source, 0), **more)


@dataclass
class Line:
    """An address, and how it is spoken to."""

    url: str
    programs: Programs
    source: str = "127.0.0.1"

    def ask(
        self, method: str, path: str, identity: Identity | None = None, **more: Any
    ) -> requests.Response:
        pair = self.programs.shown("asking", identity) if identity else None
        with requests.Session() as session:
            session.trust_env = False
            session.mount("https://", From(self.source))
            return session.request(
                method, self.url + path, cert=pair, verify=self.programs.ca, timeout=30, **more
            )

    def get(
        self, token: str = "", identity: Identity | None = None, path: str = READ, **headers: str
    ) -> requests.Response:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        named = {name.replace("__", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, identity, headers=named)

    def token(self, client: Client, identity: Identity) -> str:
        answer = self.ask_token(client, identity)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def ask_token(self, client: Client, identity: Identity, **headers: str) -> requests.Response:
        form = {"grant_type": "client_credentials", "client_id": client.client_id}
        return self.ask("POST", TOKEN, identity, data=form, headers=headers)

    def speaks(self, version: ssl.TLSVersion, identity: Identity) -> str:
        """The version that was agreed on; raises ssl.SSLError with what the server says."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context = ssl.create_default_context(cafile=self.programs.ca)
            # So that we offer it at all: the refusal has to be the server's.
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        context.load_cert_chain(*self.programs.shown("speaking", identity))
        port = int(self.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            return str(line.version())


def program(identity: Identity, *scopes: Scope, networks: Sequence[str] = ()) -> Client:
    prints = [thumbprint(identity.certificate)]
    client, _ = registered(
        method=ClientAuth.CERTIFICATE, scopes=scopes or (Scope.READ,), thumbprints=prints
    )
    set_networks(client, networks)
    return client


def asked_from(address: str) -> int:
    """How many tokens lately."""
    most = settings.API_TOKENS_PER_MINUTE
    rate = count("token", address, most=most)
    assert rate is not None
    return most - rate.left - 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def gunicorn(database: Database, *options: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    env = database.environment("web") | {"INSECURE_HTTP": "0", "SITE_URL": "https://localhost"}
    command = [sys.executable, "-m", "gunicorn", "housing_ach.wsgi", "--no-control-socket"]
    process = subprocess.Popen([*command, "--log-level", "error", *options], env=env | more)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_for(path_or_port: Path | int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        kind = socket.AF_INET if isinstance(path_or_port, int) else socket.AF_UNIX
        where = ("127.0.0.1", path_or_port) if kind == socket.AF_INET else str(path_or_port)
        with socket.socket(kind) as probe:
            if probe.connect_ex(where) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"the server did not become ready: {process.poll()}")


@dataclass
class Front:
    """nginx with the file of production; `inside` is the socket behind it."""

    api: Line
    portal: Line
    inside: Path


@contextlib.contextmanager
def nginx_before(inside: Path, programs: Programs, folder: Path) -> Iterator[Front]:
    site = folder / "site"
    site.mkdir()
    api, portal = free_port(), free_port()
    shutil.copy(Path(settings.BASE_DIR) / "deploy/nginx.conf", folder)
    for name, text in site_files(inside, folder, api, portal).items():
        (site / name).write_text(text)
    for name in ("client-ca.crt", "client-ca.crl", "server.crt", "server.key"):
        shutil.copy(programs.folder / name, site)
    command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        wait_for(api, process)
        wait_for(portal, process)
        lines = [Line(f"https://localhost:{port}", programs) for port in (api, portal)]
        yield Front(*lines, inside)
    finally:
        process.terminate()
        process.wait()


def site_files(inside: Path, folder: Path, api: int, portal: int) -> Mapping[str, str]:
    places = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    own = "server_name localhost; ssl_certificate site/server.crt; ssl_certificate_key site/server.key;"
    return {
        "process.conf": f"user root; worker_processes 1; pid {folder}/pid; error_log {folder}/log;",
        "http.conf": places,
        "upstream.conf": f"server unix:{inside};",
        "api.conf": f"listen 127.0.0.1:{api} ssl; {own}",
        "portal.conf": f"listen 127.0.0.1:{portal} ssl; {own}",
        "secret.conf": f'proxy_set_header X-Proxy-Auth "{PROXY_SECRET}";',
    }


def within(path: Path, **headers: str) -> tuple[int, str]:
    """A request to the socket behind the proxy, by somebody who got as far as that."""
    lines = "".join(f"{name.replace('__', '-')}: {value}\r\n" for name, value in headers.items())
    asked = (
        f"GET {READ} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"X-Forwarded-Proto: https\r\n{lines}\r\n"
    )
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.sendall(asked.encode())
        said = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    return int(said.split()[1]), said
