"""How often a program may call, and what it is told of it."""

import pytest
from django.test import Client as Browser

from housing_ach.api import rates
from housing_ach.users.states import Scope
from tests.api.calling import PROXY_SECRET, ask, basic, bearer, registered, token_of

pytestmark = pytest.mark.django_db
PATH = "/api/v1/ach/transactions"


@pytest.fixture
def called():
    """Statuses and answers of calls by a program of its own."""
    token = token_of(*registered(scopes=(Scope.READ, Scope.WRITE)))

    def call(method="get"):
        return getattr(Browser(), method)(PATH, headers=bearer(token))

    return call


def test_calls_beyond_the_rate_are_told_when_to_come_again(called, settings):
    settings.API_READS_PER_MINUTE = 3

    answers = [called() for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"read";q=3;w=60'
    assert answers[0]["RateLimit"].startswith('"read";r=2;t=')
    assert answers[3].json()["type"] == "/problems/too-many-requests"
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert answers[3]["RateLimit"].startswith('"read";r=0;t=')


def test_writing_is_counted_apart(called, settings):
    settings.API_READS_PER_MINUTE = 1

    called()

    assert called("post").status_code == 422


def test_another_program_is_counted_apart(called, settings):
    settings.API_READS_PER_MINUTE = 1
    called()
    other = token_of(*registered())

    assert called().status_code == 429
    assert Browser().get(PATH, headers=bearer(other)).status_code == 200


def test_tokens_are_counted_by_address(settings):
    client, secret = registered()
    settings.API_TOKENS_PER_MINUTE = 2
    asked = [
        ask(headers=basic(client, secret), REMOTE_ADDR="203.0.113.99").status_code for _ in range(3)
    ]

    elsewhere = ask(headers=basic(client, secret), REMOTE_ADDR="203.0.113.98")

    assert asked == [200, 200, 429]
    assert elsewhere.status_code == 200


def test_behind_the_proxy_tokens_are_counted_by_the_callers_own_address(settings):
    settings.PROXY_SECRET, settings.API_TOKENS_PER_MINUTE = PROXY_SECRET, 1
    client, secret = registered()

    def asked(address, proxy=PROXY_SECRET):
        told = {"X-Proxy-Auth": proxy, "X-Real-IP": address}
        return ask(headers=basic(client, secret) | told, REMOTE_ADDR="203.0.113.97").status_code

    assert [asked("203.0.113.96"), asked("203.0.113.95"), asked("203.0.113.96")] == [200, 200, 429]
    # Who is not the proxy cannot be another caller each time.
    assert [asked("203.0.113.94", "a guess"), asked("203.0.113.93", "a guess")] == [200, 429]


class TestWithoutTheCounter:
    @pytest.fixture(autouse=True)
    def gone(self, settings, called):
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        rates._counter.cache_clear()
        yield
        rates._counter.cache_clear()

    def test_known_programs_go_on(self, called):
        answer = called()

        assert answer.status_code == 200
        assert "RateLimit" not in answer

    def test_nobody_gets_a_token(self):
        client, secret = registered()

        answer = ask(headers=basic(client, secret))

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
