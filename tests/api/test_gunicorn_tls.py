"""One box without a proxy: gunicorn asks for the certificate itself (deploy/gunicorn_tls.py)."""

import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from housing_ach.users.states import Scope
from tests.api import lines
from tests.api.calling import PROXY_SECRET, showing
from tests.api.lines import Line, Programs, asked_from, program

# Where the other programs do not call from, by kind of worker.
NEAR = {"gthread": "127.0.0.3", "sync": "127.0.0.4"}


@pytest.fixture(scope="module", params=NEAR)
def line(request, committed, tmp_path_factory) -> Iterator[Line]:
    folder, port = tmp_path_factory.mktemp("programs"), lines.free_port()
    programs = Programs(folder)
    told = {
        "API_TLS_BIND": f"127.0.0.1:{port}",
        "API_TLS_CERTIFICATE": str(folder / "server.crt"),
        "API_TLS_KEY": str(folder / "server.key"),
        "API_TLS_CLIENT_CA": str(folder / "client-ca.crt"),
        "API_TLS_CLIENT_CRL": str(folder / "client-ca.crl"),
        "API_REQUIRE_BOUND": "1",
        "WEB_CONCURRENCY": "1",
        "PROXY_SECRET": PROXY_SECRET,
    }
    options = ("--config", "deploy/gunicorn_tls.py", "--worker-class", request.param)
    with lines.gunicorn(committed, *options, **told) as process:
        lines.wait_for(port, process)
        yield Line(f"https://localhost:{port}", programs)


def test_the_certificate_is_asked_for_and_bound_to(line):
    programs = line.programs
    client = program(programs.erp, Scope.READ, Scope.WRITE)
    program(programs.recon)
    token = line.token(client, programs.erp)

    assert line.get(token, programs.erp).status_code == 200
    assert line.get(token, programs.recon).status_code == 401
    for identity in (None, programs.strangers, programs.revoked):
        with pytest.raises(requests.ConnectionError):
            line.get(token, identity)


def test_nobody_speaks_as_a_proxy_there(line):
    client = program(line.programs.erp)
    program(line.programs.recon)
    token = line.token(client, line.programs.erp)
    told = showing(line.programs.erp.certificate, PROXY_SECRET)
    headers = {name.replace("-", "__"): value for name, value in told.items()}

    answers = [
        line.get(token, line.programs.recon, **headers),
        line.get(token, line.programs.erp, X__Forwarded__For="192.0.2.7"),
        line.get(token, line.programs.erp, X__Forwarded__Proto="http"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]


def test_the_callers_own_address_counts(line, request):
    address = NEAR[request.node.callspec.params["line"]]
    identity = line.programs.ours.issue("near")
    client = program(identity, networks=[f"{address}/32"])
    near = replace(line, source=address)

    token = near.token(client, identity)

    assert near.get(token, identity).status_code == 200
    assert line.get(token, identity).status_code == 401
    assert line.ask_token(client, identity).status_code == 401
    assert line.ask_token(client, identity, **{"X-Real-IP": address}).status_code == 400
    assert asked_from(address) == 1


def test_nothing_older_than_tls_1_2_is_spoken(line):
    assert line.speaks(ssl.TLSVersion.TLSv1_2, line.programs.erp) == "TLSv1.2"

    with pytest.raises(ssl.SSLError) as refused:
        line.speaks(ssl.TLSVersion.TLSv1_1, line.programs.erp)

    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"
