"""Every endpoint asks who calls, and whether it may."""

import re

import pytest
from django.test import Client as Browser

from housing_ach.api.urls import SUBJECTS
from housing_ach.clock import services as clock
from housing_ach.users.states import Scope
from tests.api.programs import V1, Program
from tests.factories import AT

ENDPOINTS = [row for subject in SUBJECTS for row in subject.ENDPOINTS]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAMPLES = {"int": "1", "str": "x", "uuid": "0b5c3c1e-4b7a-4b43-8f8f-0d6c7cf0a111"}
CALLS = [
    (place, method, scope) for place, view, _ in ENDPOINTS for method, scope in view.scopes.items()
]
SPARE = [
    (place, method)
    for place, view, _ in ENDPOINTS
    for method in METHODS
    if method not in view.scopes
]


def address(place):
    return V1 + re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], place)


def call(place, method, **headers):
    return getattr(Browser(), method.lower())(
        address(place), content_type="application/json", headers=headers
    )


@pytest.fixture
def clocked(db):
    clock.start(AT)


@pytest.mark.parametrize(("place", "method", "scope"), CALLS)
class TestACall:
    def test_without_a_token_is_nobodys(self, clocked, place, method, scope):
        answer = call(place, method)

        assert answer.status_code == 401
        assert answer.json()["type"] == "/problems/unauthenticated"

    def test_without_its_scope_is_refused(self, clocked, place, method, scope):
        others = tuple(other for other in Scope.values if other != scope)

        answer = call(place, method, **Program(*others).headers)

        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/insufficient-scope"

    def test_with_a_parameter_nobody_reads_is_refused(self, clocked, place, method, scope):
        program = Program()

        answer = call(f"{place}?nobody=reads", method, **program.headers)

        assert answer.status_code == 400


@pytest.mark.parametrize(("place", "method"), SPARE)
def test_a_method_without_a_scope_is_nobodys(clocked, place, method):
    assert call(place, method, **Program().headers).status_code in {403, 405}
