"""What is noted of a program that asks for tokens, and where from it may."""

import pytest
from django.test import Client as Browser

from housing_ach.users.clients import set_networks
from housing_ach.users.models import Client, ClientUse
from housing_ach.users.states import ClientAuth
from tests.api.calling import (
    PROXY_SECRET,
    ask,
    basic,
    bearer,
    own_key,
    proof_of,
    public,
    registered,
    token_of,
)

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "192.0.2.7", "203.0.113.9"


def use_of(client: Client) -> ClientUse:
    return ClientUse.objects.get(client=client)


def test_who_is_let_in_is_noted():
    client, secret = registered()

    ask(headers=basic(client, secret), REMOTE_ADDR=HERE)

    assert use_of(client).last_address == HERE
    assert use_of(client).last_used_at
    assert use_of(client).failures == 0


def test_who_is_turned_away_is_noted_until_let_in_again():
    client, secret = registered()

    for _ in range(2):
        assert ask(headers=basic(client, "a wrong one"), REMOTE_ADDR=HERE).status_code == 401
    failed = use_of(client)
    ask(headers=basic(client, secret))

    assert (failed.failures, failed.last_failed_address, failed.last_used_at) == (2, HERE, None)
    assert failed.last_failure
    assert use_of(client).failures == 0


def test_a_wrong_assertion_is_noted_under_the_client_it_names():
    client, _ = registered(method=ClientAuth.KEY, jwks=public(own_key()))
    told = proof_of(client, own_key())
    del told["client_id"]

    assert ask(told).status_code in {400, 401}

    assert use_of(client).failures == 1


@pytest.mark.parametrize("form", [{}, {"client_id": "c_nobody"}, {"client_assertion": "a.b.c"}])
def test_who_names_nobody_known_is_noted_nowhere(form):
    assert ask(form).status_code in {400, 401}

    assert not ClientUse.objects.exists()


def test_no_token_is_given_to_another_network():
    client, secret = registered()
    set_networks(client, [f"{HERE}/32"])

    inside = ask(headers=basic(client, secret), REMOTE_ADDR=HERE)
    outside = ask(headers=basic(client, secret), REMOTE_ADDR=ELSEWHERE)

    assert inside.status_code == 200
    assert (outside.status_code, outside.json()["error"]) == (401, "invalid_client")
    assert use_of(client).last_failed_address == ELSEWHERE


class TestBehindAProxy:
    """What it says of the caller is believed beside its secret alone, and then it counts."""

    @pytest.fixture(autouse=True)
    def proxy(self, settings):
        settings.PROXY_SECRET = PROXY_SECRET

    @pytest.fixture
    def program(self):
        client, secret = registered()
        set_networks(client, [f"{HERE}/32"])
        return client, basic(client, secret)

    def test_the_callers_own_address_counts(self, program):
        client, proof = program

        near = ask(headers=proof | said_to_be(HERE), REMOTE_ADDR=ELSEWHERE)
        far = ask(headers=proof | said_to_be(ELSEWHERE), REMOTE_ADDR=HERE)

        assert (near.status_code, far.status_code) == (200, 401)
        assert use_of(client).last_address == HERE
        assert use_of(client).last_failed_address == ELSEWHERE

    def test_it_counts_for_tokens_too(self, program):
        _, proof = program
        token = ask(headers=proof | said_to_be(HERE), REMOTE_ADDR="").json()["access_token"]

        answers = [
            Browser().get("/api/v1/properties", headers=bearer(token) | said_to_be(address))
            for address in (HERE, ELSEWHERE)
        ]

        assert [answer.status_code for answer in answers] == [200, 401]

    @pytest.mark.parametrize("secret", ["", "a guess"])
    @pytest.mark.parametrize("known", [PROXY_SECRET, ""])
    def test_nobody_else_says_where_a_caller_is(self, program, settings, secret, known):
        settings.PROXY_SECRET = known
        client, proof = program

        far = ask(headers=proof | said_to_be(HERE, secret), REMOTE_ADDR=ELSEWHERE)
        near = ask(headers=proof | said_to_be(ELSEWHERE, secret), REMOTE_ADDR=HERE)

        assert (far.status_code, near.status_code) == (401, 200)
        assert use_of(client).last_address == HERE

    def test_where_others_came_by_is_not_looked_at(self, program):
        _, proof = program
        passed_on = {"X-Forwarded-For": HERE, "Forwarded": f"for={HERE}"}

        answer = ask(headers=proof | passed_on | said_to_be(ELSEWHERE), REMOTE_ADDR=HERE)

        assert answer.status_code == 401


def said_to_be(address, secret=PROXY_SECRET):
    return {"X-Proxy-Auth": secret, "X-Real-IP": address}


def test_a_token_is_good_in_the_clients_networks_alone():
    client, secret = registered()
    headers = bearer(token_of(client, secret))
    set_networks(client, [f"{HERE}/32"])

    inside = Browser().get("/api/v1/ach/transactions", headers=headers, REMOTE_ADDR=HERE)
    outside = Browser().get("/api/v1/ach/transactions", headers=headers, REMOTE_ADDR=ELSEWHERE)

    assert inside.status_code == 200
    assert outside.status_code == 401
    assert use_of(client).failures == 1
