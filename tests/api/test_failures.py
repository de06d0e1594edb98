"""What nobody expected is told programs as a problem: by its number, and without its words."""

import logging

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client as Browser

from housing_ach.api.views import ach
from tests.api.programs import V1, Program

pytestmark = pytest.mark.django_db
SECRET = "routing 111000025 at /srv/hms"
PLACE = "ach/transactions/1"


@pytest.fixture
def breaks(monkeypatch):
    """Makes the service behind a door raise; a server does not hand that on, as a test would be."""

    def with_this(error):
        def broken(*_args, **_named):
            raise error

        monkeypatch.setattr(ach, "get_object_or_404", broken)

    return with_this


def asked(place=PLACE, **headers):
    return Browser(raise_request_exception=False).get(
        V1 + place, headers=Program().headers | headers
    )


def test_a_mistake_of_ours_is_a_problem_with_its_request(breaks, caplog):
    breaks(ZeroDivisionError(SECRET))

    with caplog.at_level(logging.ERROR):
        answer = asked(**{"X-Request-Id": "of-this-request"})

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "type": "/problems/internal-error",
        "title": "Something broke on our side",
        "status": 500,
        "instance": V1 + PLACE,
        "request_id": "of-this-request",
    }
    (logged,) = caplog.records
    assert logged.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_asked_again_later(breaks, error):
    breaks(error(SECRET))

    answer = asked()

    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Retry-After"] == "5"
    assert answer.json()["type"] == "/problems/unavailable"
    assert SECRET not in answer.text


def test_people_are_told_as_people(monkeypatch):
    monkeypatch.setattr("housing_ach.api.guide.problem_page", lambda _code: 1 // 0)

    answer = Browser(raise_request_exception=False).get("/problems/invalid")

    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
