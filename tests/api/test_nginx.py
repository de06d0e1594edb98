"""The proxy of production in front of the web process of production (deploy/nginx.conf)."""

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from bin.stack.authority import Identity
from housing_ach.users.clients import disable_client
from housing_ach.users.models import Client
from housing_ach.users.states import Scope
from tests.api import lines
from tests.api.calling import PROXY_SECRET, registered, showing
from tests.api.lines import Front, Programs, asked_from, needs_nginx, program, within

pytestmark = needs_nginx
MEGABYTE = 1024 * 1024
# Where the other programs do not call from.
NEAR = "127.0.0.2"


@dataclass
class Place:
    front: Front
    programs: Programs
    erp: Client
    recon: Client


@pytest.fixture(scope="module")
def place(committed, tmp_path_factory) -> Iterator[Place]:
    files, folder = tmp_path_factory.mktemp("programs"), tmp_path_factory.mktemp("nginx")
    programs, inside = Programs(files), folder / "web.sock"
    with contextlib.ExitStack() as stack:
        options = ("--bind", f"unix:{inside}", "--threads", "4", "--umask", "0117")
        process = stack.enter_context(
            lines.gunicorn(committed, *options, PROXY_SECRET=PROXY_SECRET)
        )
        lines.wait_for(inside, process)
        front = stack.enter_context(lines.nginx_before(inside, programs, folder))
        yield Place(
            front,
            programs,
            program(programs.erp),
            program(programs.recon, Scope.READ, Scope.RECON),
        )


def as_shown(identity: Identity) -> dict[str, str]:
    """What the proxy says of a program, said by somebody else."""
    told = showing(identity.certificate, "a guess")
    return {name.replace("-", "__"): value for name, value in told.items()}


def test_a_program_with_its_certificate_and_its_token_is_let_in(place):
    token = place.front.api.token(place.erp, place.programs.erp)

    answer = place.front.api.get(token, place.programs.erp)

    assert answer.status_code == 200, answer.text


def test_nobody_is_let_in_without_a_certificate(place):
    answer = place.front.api.get()

    assert (answer.status_code, "nginx" in answer.text) == (400, True)


def test_the_certificate_of_another_authority_is_no_good(place):
    answer = place.front.api.get(identity=place.programs.strangers)

    assert (answer.status_code, "nginx" in answer.text) == (400, True)


def test_a_certificate_that_was_taken_back_is_no_good(place):
    answer = place.front.api.get(identity=place.programs.revoked)

    assert (answer.status_code, "nginx" in answer.text) == (400, True)


def test_a_certificate_that_is_over_is_no_good(place):
    over = place.programs.ours.issue("erp", lasts=timedelta(minutes=-30))

    answer = place.front.api.get(identity=over)

    assert (answer.status_code, "nginx" in answer.text) == (400, True)


def test_a_good_certificate_alone_reads_nothing(place):
    assert place.front.api.get(identity=place.programs.erp).status_code == 401


def test_a_certificate_nobody_registered_gets_no_token(place):
    answer = place.front.api.ask_token(place.erp, place.programs.unknown)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_is_of_no_use_beside_another_programs_certificate(place):
    token = place.front.api.token(place.erp, place.programs.erp)

    assert place.front.api.get(token, place.programs.recon).status_code == 401


def test_a_bound_token_is_of_no_use_at_the_portals_address(place):
    token = place.front.api.token(place.erp, place.programs.erp)

    assert place.front.portal.get(token, place.programs.erp).status_code == 401


def test_headers_of_a_proxy_are_overwritten_for_programs(place):
    token = place.front.api.token(place.erp, place.programs.erp)

    answer = place.front.api.get(token, place.programs.recon, **as_shown(place.programs.erp))

    assert answer.status_code == 401
    assert "another certificate" in answer.text


def test_headers_of_a_proxy_are_overwritten_at_the_portal(place):
    token = place.front.api.token(place.erp, place.programs.erp)

    answer = place.front.portal.get(token, **as_shown(place.programs.erp))

    assert answer.status_code == 401
    assert "another certificate" in answer.text


def test_headers_spelt_with_underscores_do_not_get_through(place):
    token = place.front.api.token(place.erp, place.programs.erp)
    spelt = {name.replace("__", "_"): value for name, value in as_shown(place.programs.erp).items()}

    answers = [line.get(token, **spelt) for line in (place.front.portal,)]
    answers.append(place.front.api.get(token, place.programs.recon, **spelt))

    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("secret", [None, "", "a guess"])
def test_who_reaches_the_socket_without_the_proxys_secret_is_refused(place, secret):
    token = place.front.api.token(place.erp, place.programs.erp)
    told = as_shown(place.programs.erp) | {"X__Proxy__Auth": secret or ""}
    if secret is None:
        del told["X__Proxy__Auth"]

    status, said = within(place.front.inside, Authorization=f"Bearer {token}", **told)

    assert (status, "not ours" in said) == (400, True)


def test_only_who_reaches_the_socket_and_knows_the_secret_speaks_as_the_proxy(place):
    """What is left: that is why the socket is the proxy's alone and the secret in no log."""
    token = place.front.api.token(place.erp, place.programs.erp)
    told = as_shown(place.programs.erp) | {"X__Proxy__Auth": PROXY_SECRET}

    status, _ = within(place.front.inside, Authorization=f"Bearer {token}", **told)

    assert status == 200


def test_a_token_does_no_more_than_its_scopes(place):
    token = place.front.api.token(place.erp, place.programs.erp)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one-of-a-kind"}

    answer = place.front.api.ask(
        "POST", "/api/v1/ach/transactions", place.programs.erp, headers=headers, json={}
    )

    assert answer.status_code == 403


def test_a_disabled_program_is_out_at_once(place):
    identity = place.programs.ours.issue("short")
    client = program(identity)
    token = place.front.api.token(client, identity)
    assert place.front.api.get(token, identity).status_code == 200

    disable_client(client)

    assert place.front.api.get(token, identity).status_code == 401


@pytest.mark.parametrize("name", ["api", "portal"])
def test_nothing_older_than_tls_1_2_is_spoken(place, name):
    line = getattr(place.front, name)
    assert line.speaks(ssl.TLSVersion.TLSv1_2, place.programs.erp) == "TLSv1.2"

    with pytest.raises(ssl.SSLError) as refused:
        line.speaks(ssl.TLSVersion.TLSv1_1, place.programs.erp)

    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


def test_the_callers_own_address_counts(place):
    identity = place.programs.ours.issue("near")
    client = program(identity, networks=[f"{NEAR}/32"])
    near = replace(place.front.api, source=NEAR)
    lies = {"X-Real-IP": NEAR, "X-Forwarded-For": NEAR, "X-Proxy-Auth": "a guess"}

    token = near.token(client, identity)
    far = place.front.api.ask_token(client, identity, **lies)

    assert (far.status_code, far.json()["error"]) == (401, "invalid_client")
    assert near.get(token, identity).status_code == 200
    assert place.front.api.get(token, identity).status_code == 401
    assert asked_from(NEAR) == 1


def test_a_month_of_payments_fits_and_a_form_stays_short(place):
    many = {"json": [quote("x" * 50)] * (8 * MEGABYTE // 54)}
    token = place.front.api.token(place.erp, place.programs.erp)
    bearer = {"Authorization": f"Bearer {token}"}

    at_the_api = place.front.api.ask(
        "POST", "/api/v1/ach/transactions", place.programs.erp, headers=bearer, **many
    )
    at_the_portal = place.front.portal.ask("POST", "/account/login/", **many)

    # It came as far as the application, which looks at the scope first.
    assert (at_the_api.status_code, at_the_portal.status_code) == (403, 413)


def test_a_day_to_reconcile_fits_and_no_more(place):
    token = place.front.api.token(place.erp, place.programs.erp)
    bearer = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}

    answers = [
        place.front.api.ask(
            "PUT",
            "/api/v1/ach/reconcile",
            place.programs.erp,
            headers=bearer,
            data=b"x" * (megabytes * MEGABYTE),
        )
        for megabytes in (19, 21)
    ]

    # The first came as far as the application, which looks at the scope.
    assert [answer.status_code for answer in answers] == [403, 413]


def test_the_machine_api_has_no_pages(place):
    assert place.front.api.get(identity=place.programs.erp, path="/admin/").status_code == 404
    assert place.front.portal.get(path="/healthz").status_code == 200


def test_a_secret_needs_the_certificate_all_the_same(place):
    client, secret = registered()

    answer = place.front.api.ask(
        "POST",
        lines.TOKEN,
        data={"grant_type": "client_credentials"},
        auth=(client.client_id, secret),
    )

    assert answer.status_code == 400
