"""People read the contract too: every problem and every operation has its place, without signing in."""

import re

import pytest
from django.test import Client as Browser

from housing_ach.api import problems
from housing_ach.api.guide import ADVICE
from tests.api.contract import operations

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", problems.KINDS, ids=lambda kind: kind.code)
def test_the_type_of_a_problem_leads_to_what_to_do(kind):
    page = Browser().get(problems.BASE + kind.code)

    assert page.status_code == 200
    assert kind.title in page.text
    assert ADVICE[kind.code].do[:30] in page.text


def test_there_is_advice_for_every_problem_and_no_other():
    assert set(ADVICE) == {kind.code for kind in problems.KINDS}
    assert Browser().get("/problems/unheard-of").status_code == 404


def test_all_problems_are_listed():
    page = Browser().get("/problems/").text

    assert set(re.findall(r'href="/problems/([a-z-]+)"', page)) == set(ADVICE)


def test_every_operation_is_shown_with_what_it_asks():
    page = Browser().get("/api/docs/").text

    for path, method, operation in operations():
        assert f"{method.upper()} {path}" in page
        assert f'id="{operation["operationId"]}"' in page
    assert page.count("<summary>An answer</summary>") == len(operations())
    assert "&quot;begins_with&quot;: &quot;9900&quot;" in page
    assert "<code>all_or_nothing</code>" in page
    assert "<code>Idempotency-Key</code>" in page
    assert "<script>" not in page
    assert not re.search(r'(src|href)="https?://', page)
