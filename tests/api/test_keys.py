"""The keys that sign tokens: published before they sign, and until what they signed is over."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from joserfc.jwk import KeySet

from housing_ach.api import keys
from housing_ach.api.keys import STILL_GOOD, TooSoon, rotate
from housing_ach.api.models import SigningKey
from housing_ach.api.states import KeyStatus
from housing_ach.clock.services import wall_time
from housing_ach.users.states import Scope
from tests.api.calling import bearer, registered, token_of
from tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return PaymentFactory().order


def status(order, token):
    return Browser().get(f"/api/v1/ach/transactions/{order.pk}", headers=bearer(token))


def signing():
    return keys.signing_key(at=wall_time())


class TestRotation:
    def test_the_key_before_counts_until_its_tokens_are_over(self, order, monkeypatch):
        client, secret = registered()
        before = token_of(client, secret)
        at = wall_time()

        rotate(at=at)
        after = token_of(client, secret)

        assert [status(order, token).status_code for token in (before, after)] == [200, 200]
        with pytest.raises(TooSoon):
            rotate(at=at + STILL_GOOD - timedelta(seconds=1))

        rotate(at=at + STILL_GOOD)
        monkeypatch.setattr(keys, "KNOWN_SECONDS", -1)

        assert [status(order, token).status_code for token in (before, after)] == [401, 200]

    def test_the_next_key_is_published_before_it_signs(self):
        signing()
        (coming,) = SigningKey.objects.filter(status=KeyStatus.NEXT)
        assert coming.kid in {key["kid"] for key in Browser().get("/oauth/jwks").json()["keys"]}

        call_command("oauth_rotate")

        assert signing().kid == coming.kid

    def test_the_set_tells_no_private_half(self):
        signing()

        answer = Browser().get("/oauth/jwks")

        assert answer["Cache-Control"] == "public, max-age=300"
        assert all("d" not in key and key["alg"] == "ES256" for key in answer.json()["keys"])
        assert KeySet.import_key_set(answer.json()).keys

    def test_where_everything_is_can_be_asked(self):
        facts = Browser().get("/.well-known/oauth-authorization-server").json()

        assert facts["token_endpoint"] == f"{settings.API_ISSUER}/oauth/token"
        assert facts["scopes_supported"] == list(Scope.values)


def test_a_token_is_checked_by_one_query(db):
    client, secret = registered()
    token = token_of(client, secret)
    place, headers = "/api/v1/ach/transactions/999999", bearer(token)
    Browser().get(place, headers=headers)

    with CaptureQueriesContext(connection) as asked:
        Browser().get(place, headers=headers)

    tables = [query["sql"] for query in asked if "FROM" in query["sql"]]
    assert len(tables) == 2
    assert "users_client" in tables[0]
    assert "payments_order" in tables[1]
