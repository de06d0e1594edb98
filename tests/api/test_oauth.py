"""Tokens: who gets one, for what, and which are taken."""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from housing_ach.api import keys
from housing_ach.api.keys import public_keys
from housing_ach.api.models import SigningKey, UsedAssertion
from housing_ach.api.oauth import sweep
from housing_ach.api.states import KeyStatus
from housing_ach.audit.models import Event
from housing_ach.clock.services import wall_time
from housing_ach.users.clients import disable_client, enable_client, hash_of
from housing_ach.users.states import ClientAuth, Scope
from tests.api.calling import (
    PROXY_SECRET,
    ask,
    basic,
    bearer,
    certificate,
    own_key,
    print_of,
    proof_of,
    public,
    registered,
    showing,
    token_of,
)
from tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def proxy(settings):
    settings.PROXY_SECRET = PROXY_SECRET


@pytest.fixture
def order():
    return PaymentFactory().order


def status(order, token, **headers):
    return Browser().get(f"/api/v1/ach/transactions/{order.pk}", headers=bearer(token) | headers)


def forged(key, *, alg="ES256", header=None, **claims):
    now = int(time.time())
    said = {
        "iss": settings.API_ISSUER,
        "aud": settings.API_AUDIENCE,
        "iat": now,
        "exp": now + 60,
        "scope": "ach:read",
    } | claims
    head = {"alg": alg, "typ": "at+jwt", "kid": key.kid} | (header or {})
    return jwt.encode(head, said, key, algorithms=[alg])


def by_password(token, password):
    """The same claims, signed with HMAC under what everybody knows."""
    head, body, _ = token.split(".")
    header = json.loads(urlsafe_b64decode(head + "=="))
    head = unpadded(json.dumps(header | {"alg": "HS256"}).encode())
    sign = hmac.new(password, f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{unpadded(sign)}"


def unpadded(raw):
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def refused(proof):
    answer = ask(proof)
    return (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def signing() -> ECKey:
    return keys.signing_key(at=wall_time())


class TestASecret:
    def test_opens_with_a_token_that_says_all(self, order):
        client, secret = registered(scopes=(Scope.READ, Scope.WRITE))

        answer = ask(headers=basic(client, secret))

        assert answer["Cache-Control"] == "no-store"
        assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 600)
        token = jwt.decode(answer.json()["access_token"], public_keys(), algorithms=["ES256"])
        assert token.header["typ"] == "at+jwt"
        assert token.header["kid"] == SigningKey.objects.get(status=KeyStatus.ACTIVE).kid
        assert token.claims["iss"] == settings.API_ISSUER
        assert token.claims["aud"] == settings.API_AUDIENCE
        assert token.claims["sub"] == token.claims["client_id"] == client.client_id
        assert token.claims["scope"] == "ach:read ach:write"
        assert token.claims["exp"] - token.claims["iat"] == 600
        assert token.claims["jti"]
        assert "cnf" not in token.claims

    def test_is_kept_nowhere(self):
        client, secret = registered()

        assert len(secret) >= 43
        assert secret not in str(vars(client))
        events = Event.objects.filter(subject="users.client")
        assert events
        assert not any(client.secret_hash in str(event.data) for event in events)

    @pytest.mark.parametrize("wrong", ["", "x" * 43])
    def test_that_is_wrong_opens_nothing(self, wrong):
        client, _ = registered()

        answer = ask(headers=basic(client, wrong))

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_is_no_proof_for_a_client_that_has_a_key(self):
        client, _ = registered(method=ClientAuth.KEY, jwks=public(own_key()))
        type(client).objects.update(secret_hash=hash_of("an old one"))

        answers = [ask(headers=basic(client, secret)) for secret in ("", "an old one")]

        assert [answer.json()["error"] for answer in answers] == ["invalid_client"] * 2

    def test_in_the_query_string_is_not_looked_at(self):
        client, secret = registered()

        answer = Browser().post(
            f"/oauth/token?client_id={client.client_id}&client_secret={secret}",
            {"grant_type": "client_credentials"},
        )

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    def test_is_no_secret_in_the_form(self):
        client, secret = registered()

        answer = ask({"client_id": client.client_id, "client_secret": secret})

        assert answer.json()["error"] == "invalid_client"


class TestScopes:
    def test_only_those_asked_for_are_given(self):
        client, secret = registered(scopes=(Scope.READ, Scope.WRITE))

        answer = ask({"scope": "ach:read"}, headers=basic(client, secret))

        assert answer.json()["scope"] == "ach:read"

    def test_one_the_client_lacks_is_never_given(self):
        client, secret = registered()

        answer = ask({"scope": "ach:read ach:write"}, headers=basic(client, secret))

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")

    def test_what_the_token_lacks_is_refused(self, order):
        client, secret = registered(scopes=(Scope.WRITE,))

        answer = status(order, token_of(client, secret))

        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/insufficient-scope")

    def test_one_taken_from_the_client_counts_at_once(self, order):
        client, secret = registered(scopes=(Scope.READ, Scope.WRITE))
        token = token_of(client, secret)
        type(client).objects.update(scopes=[Scope.WRITE])

        assert status(order, token).status_code == 403


class TestOwnKeys:
    @pytest.fixture
    def key(self):
        return own_key()

    @pytest.fixture
    def client(self, key):
        return registered(method=ClientAuth.KEY, jwks=public(key))[0]

    def test_prove_who_it_is(self, client, key, order):
        answer = ask(proof_of(client, key))

        assert answer.status_code == 200
        assert status(order, answer.json()["access_token"]).status_code == 200

    def test_beside_a_certificate_the_token_is_bound_to_it(self, client, key, order):
        pem = certificate()

        token = ask(proof_of(client, key), headers=showing(pem)).json()["access_token"]

        told = [showing(pem), showing(certificate()), {}]
        assert [status(order, token, **headers).status_code for headers in told] == [200, 401, 401]

    def test_a_proof_is_taken_once(self, client, key):
        proof = proof_of(client, key)

        assert [ask(proof).status_code for _ in range(2)] == [200, 400]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"aud": "https://elsewhere.example.org"},
            {"aud": f"{settings.API_ISSUER}/oauth/token"},
            {"iss": "somebody"},
            {"exp": 1},
            {"exp": 4102444800},
            {"exp": None},
            {"aud": None},
            {"jti": None},
            {"jti": ""},
            {"jti": "x" * 200},
        ],
        ids=str,
    )
    def test_a_proof_that_says_something_else_is_none(self, client, key, wrong):
        answer = ask(proof_of(client, key, **wrong))

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")

    def test_another_key_proves_nothing(self, client, key):
        same_name = ECKey.generate_key("P-256", {"kid": key.kid})

        assert refused(proof_of(client, own_key()))
        assert refused(proof_of(client, same_name))

    def test_the_public_key_as_a_password_proves_nothing(self, client, key):
        """Key confusion (RFC 8725 2.1)."""
        proof = proof_of(client, key)
        confused = by_password(proof["client_assertion"], key.as_pem(private=False))

        assert refused(proof | {"client_assertion": confused})

    def test_a_proof_nobody_signed_is_none(self, client, key):
        proof = proof_of(client, key)
        head, body, _ = proof["client_assertion"].split(".")
        unsigned = "eyJhbGciOiJub25lIn0." + body + "."

        assert refused(proof | {"client_assertion": unsigned})
        assert refused(proof | {"client_assertion": f"{head}.{body}."})

    def test_proofs_that_are_over_are_forgotten(self, client, key):
        ask(proof_of(client, key))

        assert sweep(at=wall_time()) == 0
        assert sweep(at=wall_time() + timedelta(minutes=5)) == 1
        assert not UsedAssertion.objects.exists()


class TestCertificates:
    @pytest.fixture
    def pem(self):
        return certificate()

    @pytest.fixture
    def client(self, pem):
        return registered(
            method=ClientAuth.CERTIFICATE,
            scopes=(Scope.READ, Scope.WRITE),
            thumbprints=[print_of(pem)],
        )[0]

    def asked(self, client, pem, **more):
        form = {"client_id": client.client_id} | more
        return ask(form, headers=showing(pem) if pem else {})

    def test_prove_who_it_is_and_bind_the_token(self, client, pem, order):
        token = self.asked(client, pem).json()["access_token"]

        claims = jwt.decode(token, public_keys(), algorithms=["ES256"]).claims
        assert claims["cnf"] == {"x5t#S256": print_of(pem)}
        assert status(order, token, **showing(pem)).status_code == 200

    @pytest.mark.parametrize("other", ["none", "another"])
    def test_a_bound_token_is_nothing_without_its_certificate(self, client, pem, order, other):
        token = self.asked(client, pem).json()["access_token"]

        answer = status(order, token, **(showing(certificate()) if other == "another" else {}))

        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="hms-ach"')

    def test_another_one_proves_nothing(self, client):
        assert self.asked(client, certificate()).status_code == 401
        assert self.asked(client, "").status_code == 401

    def test_a_header_without_the_proxys_secret_is_refused(self, client, pem):
        for secret in ("", "a guess"):
            answer = ask({"client_id": client.client_id}, headers=showing(pem, secret))
            assert answer.status_code == 400

    def test_nobody_can_say_it_in_another_way(self, client, pem):
        answer = ask(
            {"client_id": client.client_id}, headers={"hms.client_thumbprint": print_of(pem)}
        )

        assert answer.status_code == 401

    def test_without_a_secret_of_the_proxy_no_header_is_believed(self, client, pem, settings):
        settings.PROXY_SECRET = ""

        assert ask({"client_id": client.client_id}, headers=showing(pem, "")).status_code == 400

    def test_what_moves_money_has_to_be_bound(self, order, settings):
        settings.API_REQUIRE_BOUND = True
        client, secret = registered(scopes=(Scope.READ, Scope.WRITE))

        both = status(order, token_of(client, secret))
        reading = status(order, token_of(client, secret, {"scope": "ach:read"}))

        assert (both.status_code, reading.status_code) == (401, 200)


class TestATokenThatIsNotOurs:
    @pytest.fixture
    def client(self):
        return registered()[0]

    def test_is_taken_where_it_is_ours(self, client, order):
        assert status(order, forged(signing(), client_id=client.client_id)).status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"iss": "https://elsewhere.example.org"},
            {"aud": "https://elsewhere.example.org"},
            {"exp": 1},
            {"header": {"typ": "JWT"}},
            {"client_id": "c_unknown"},
        ],
        ids=str,
    )
    def test_is_refused(self, client, order, wrong):
        token = forged(signing(), **({"client_id": client.client_id} | wrong))

        answer = status(order, token)

        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"

    def test_of_another_key_is_refused(self, client, order):
        assert status(order, forged(own_key(), client_id=client.client_id)).status_code == 401

    def test_by_another_algorithm_is_refused(self, client, order):
        ours = signing()
        rsa = RSAKey.generate_key(2048, {"kid": ours.kid})
        token = forged(ours, client_id=client.client_id)

        confused = by_password(token, ours.as_pem(private=False))
        other = forged(rsa, alg="RS256", client_id=client.client_id)

        assert [status(order, one).status_code for one in (token, confused, other)] == [
            200,
            401,
            401,
        ]

    def test_changed_on_its_way_is_refused(self, client, order):
        head, body, sign = forged(signing(), client_id=client.client_id).split(".")
        claims = json.loads(urlsafe_b64decode(body + "=="))
        wider = unpadded(json.dumps(claims | {"scope": "ach:read ach:write"}).encode())

        answers = [
            status(order, token).status_code
            for token in (f"{head}.{wider}.{sign}", f"{head}.{body}.", "x", "a.b.c", "")
        ]

        assert answers == [401] * 5

    def test_nobody_without_one_gets_in(self, order):
        answer = Browser().get(f"/api/v1/ach/transactions/{order.pk}")

        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
        assert answer["WWW-Authenticate"] == 'Bearer realm="hms-ach"'


class TestAClient:
    def test_that_is_disabled_is_nobody_at_once(self, order):
        client, secret = registered()
        token = token_of(client, secret)
        disable_client(client)

        assert status(order, token).status_code == 401
        assert ask(headers=basic(client, secret)).status_code == 401

        enable_client(client)

        assert status(order, token).status_code == 200
