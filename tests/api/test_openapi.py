"""The contract is made of the code, and says all of it."""

import re

import pytest
from django.test import Client as Browser

from housing_ach.api import problems
from housing_ach.api.described.document import document
from housing_ach.api.described.operations import OPERATIONS
from housing_ach.api.urls import SUBJECTS
from housing_ach.api.views.base import ApiView, MoneyView, ObjectView
from housing_ach.sandbox import urls as sandbox
from housing_ach.sandbox.described import SUBJECT
from tests.api.contract import operations

VIEWS = sorted(
    {(place, view) for subject in (*SUBJECTS, sandbox) for place, view, _name in subject.ENDPOINTS},
    key=lambda row: row[0],
)
METHODS = [(view, method) for _place, view in VIEWS for method in view.scopes]
IDS = [f"{view.__name__}-{method}" for view, method in METHODS]


def told(view, method):
    name = f"{method.lower()}{view.__name__.removesuffix('View')}"
    (found,) = [operation for *_, operation in operations() if operation["operationId"] == name]
    return found


def test_it_is_public_and_of_today(db):
    answer = Browser().get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == document()
    assert answer.json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(("view", "method"), METHODS, ids=IDS)
class TestAnOperation:
    def test_names_its_scope(self, view, method):
        assert issubclass(view, ApiView)
        assert told(view, method)["security"] == [{"oauth2": [str(view.scopes[method])]}]

    def test_tells_what_it_asks_and_what_it_answers(self, view, method):
        operation = told(view, method)

        assert operation["summary"]
        assert ("requestBody" in operation) == (method in {"POST", "PUT", "PATCH"})
        told_back = [code for code in operation["responses"] if code.startswith("2")]
        assert told_back
        for code in told_back:
            assert operation["responses"][code]["content"]["application/json"]["schema"]["$ref"]

    def test_tells_every_problem_it_may_have(self, view, method):
        codes = set(told(view, method)["responses"])

        assert {"400", "401", "403", "406", "422", "429", "500", "503"} <= codes
        if method != "GET":
            assert {"409", "415", "413"} <= codes
        if issubclass(view, ObjectView) and method != "GET":
            assert {"412", "428"} <= codes

    def test_names_its_headers_and_its_query(self, view, method):
        found = told(view, method)["parameters"]
        headers = {row["$ref"].rpartition("/")[2] for row in found if "$ref" in row}
        query = {row["name"] for row in found if row.get("in") == "query"}

        assert "RequestId" in headers
        assert ("IdempotencyKey" in headers) == (issubclass(view, MoneyView) and method != "GET")
        assert ("IfMatch" in headers) == (issubclass(view, ObjectView) and method != "GET")
        assert query == (set(view.parameters) if method == "GET" else set())


def test_views_are_called_each_by_its_own_name():
    assert len({view.__name__ for _place, view in VIEWS}) == len({view for _place, view in VIEWS})


def test_nothing_is_told_that_is_not_there():
    assert {(view.__name__, method) for view, method in METHODS} == {
        *OPERATIONS,
        *SUBJECT.operations,
    }


def test_every_reference_leads_somewhere():
    def references(node):
        if isinstance(node, dict):
            yield from (value for key, value in node.items() if key == "$ref")
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in set(references(document())):
        node = document()
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


@pytest.mark.parametrize(
    "operation",
    [
        operation
        for operation in (*(row[1] for row in OPERATIONS.values()), *SUBJECT.operations.values())
        if operation.example
    ],
    ids=lambda operation: operation.summary,
)
def test_an_example_is_taken(operation):
    asked = operation.requests[0](data=operation.example)

    assert asked.is_valid(), asked.errors


def test_every_part_of_a_path_is_told_of():
    for path, _method, operation in operations():
        told = {row["name"] for row in operation["parameters"] if row.get("in") == "path"}

        assert told == set(re.findall(r"\{([a-zA-Z_]+)\}", path)), path
    assert "/api/v1/ach/status/{batchId}" in document()["paths"]


def test_every_problem_is_in_the_catalogue():
    types = document()["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]

    assert types == [problems.BASE + kind.code for kind in problems.KINDS]
    assert len(types) == len(set(types))


class TestWhereNothingIs:
    @pytest.mark.parametrize(
        "place", ["/api/", "/api/v1/nothing", "/api/v2/ach/transactions", "/api/%0A"]
    )
    def test_a_program_is_told_so(self, db, place):
        answer = Browser().post(place, {}, headers={"X-Request-Id": "a-request-id"})

        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["type"] == "/problems/not-found"
        assert answer.json()["request_id"] == "a-request-id"

    @pytest.mark.parametrize("method", ["put", "delete", "head", "options", "trace"])
    def test_another_method_is_a_problem(self, db, method):
        answer = getattr(Browser(), method)("/api/v1/events")

        assert answer.status_code == 405
        assert answer["Allow"] == "GET"
        assert answer["Content-Type"] == "application/problem+json"
