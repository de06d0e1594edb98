"""What no program sends on purpose is refused like everything else that cannot be."""

import pytest
from django.test import Client as Browser

from housing_ach.tenants.models import Tenant
from tests.api.programs import V1, Program
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
EMOJI = "\N{HOUSE BUILDING}"


@pytest.fixture
def program():
    return Program()


def put_raw(program, raw, kind="application/json"):
    headers = program.headers | {"Idempotency-Key": "a-key-of-nonsense"}
    return Browser().put(f"{V1}tenants/t-1", raw, content_type=kind, headers=headers)


@pytest.mark.parametrize(
    "raw",
    [
        r'{"name": "A\u0000B"}',
        r'{"name": "A\ud800"}',
        r'{"A\u0000": 1}',
        r'{"name": ["\ud800\ud800"]}',
        '{"name": NaN}',
        '{"name": ',
        b'{"name": "\xff"}',
        "[" * 100_000,
        "1" * 10_000,
        "",
    ],
)
def test_a_body_that_cannot_be_kept_is_refused(program, raw):
    answer = put_raw(program, raw)

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("raw", [r'{"name": "\ud83c\udfe0"}', r'{"name": "\\u0000"}'])
def test_what_only_looks_like_it_is_kept(program, raw):
    assert put_raw(program, raw).status_code == 201
    assert Tenant.objects.get(external_id="t-1").name in {EMOJI, r"\u0000"}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_a_body_in_another_form_is_refused(program, kind):
    assert put_raw(program, "{}", kind).status_code == 415


def test_more_than_a_request_may_hold_is_refused(program, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = program.post("mandates", {"tenant": "t" * 200})

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("tenants/a%00b", 404),
        ("units?property=a%00b", 422),
        ("returns?code=%00", 422),
        ("units?property=%ff%fe", 200),
        (f"charges/{10**30}", 404),
        (f"ach/transactions?batch_id={10**30}", 422),
        ("units?limit=1e9", 422),
        ("units?%00=1", 400),
        ("units?cursor=:::", 422),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(program, place, status):
    TenantFactory()

    assert program.get(place).status_code == status
