"""The contract as tests use it: which operation answers at a place, and whether an answer is true."""

import json
import re
from functools import cache

import jsonschema_rs

from housing_ach.api.described.document import document

CONTRACT = "urn:contract"
METHODS = ("get", "post", "put", "patch", "delete")


def operations():
    """(path, method, operation) of all there are."""
    return [
        (path, method, item[method])
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item
    ]


@cache
def _places():
    return [
        (re.compile(re.sub(r"\{[a-zA-Z_]+\}", "[^/]+", path)), method, operation)
        for path, method, operation in sorted(operations(), key=lambda row: row[0].count("{"))
    ]


@cache
def _whole():
    told = {name: document()[name] for name in ("paths", "components")}
    return jsonschema_rs.Registry([(CONTRACT, told)])


@cache
def _judge(reference):
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"{CONTRACT}#{reference}"}, registry=_whole(), validate_formats=True
    )


def forget():
    """What was read of it: other addresses have another contract."""
    for read in (document, _places, _whole, _judge):
        read.cache_clear()


def require_true(method, path, answer):
    """That the contract tells this answer. Raises AssertionError; says nothing of unknown places."""
    found = next(
        (row for row in _places() if row[0].fullmatch(path) and row[1] == method.lower()), None
    )
    if found is None:
        return
    told = found[2]["responses"].get(str(answer.status_code))
    assert told, f"{method} {path} answered {answer.status_code}, which the contract does not tell"
    if not (content := told.get("content")):
        assert not answer.content, f"{method} {path} tells more than the contract"
        return
    kind = answer["Content-Type"].partition(";")[0]
    assert kind in content, f"{method} {path} answered {kind}"
    path = next(path for path, _method, told in operations() if told is found[2])
    problems = judged(path, found[1], str(answer.status_code), kind, json.loads(answer.content))
    assert not problems, f"{method} {path} {answer.status_code}: {problems[:3]}"


def judged(path, method, status, kind, body):
    """What is wrong with a body, where the contract has its form."""
    way = ("paths", path, method, "responses", status, "content", kind, "schema")
    where = "/".join(_escaped(part) for part in way)
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in _judge(f"/{where}").iter_errors(body)
    ]


def _escaped(part):
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
