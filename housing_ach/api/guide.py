"""The contract for people: what each problem means, and every operation in words."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from housing_ach.api import problems
from housing_ach.api.described.document import document
from housing_ach.api.problems import Kind


class Advice(NamedTuple):
    means: str
    do: str


ADVICE: Mapping[str, Advice] = {
    problems.BAD_REQUEST.code: Advice(
        "The body is not JSON in UTF-8, or the query has a parameter that nobody reads.",
        "Read detail, mend the request, and send it again. The same request fails every time.",
    ),
    problems.INVALID.code: Advice(
        "The request can be read, and some of its fields are not what they have to be, or name what is "
        "not there.",
        "Each of errors points to a field. Mend them, and send the request again; the same "
        "Idempotency-Key is still free.",
    ),
    problems.UNAUTHENTICATED.code: Advice(
        "There is no token, or it ended, or it belongs to another certificate, or the client may not call "
        "any more.",
        "Ask for a new token at /oauth/token and send it as a bearer token, over the connection of the "
        "same certificate. If that fails too, ask your administrator.",
    ),
    problems.INSUFFICIENT_SCOPE.code: Advice(
        "The token is good, and does not hold the scope this needs.",
        "Ask for a token with the scope that the operation names. If your client does not have it, two "
        "people of the staff have to grant it.",
    ),
    problems.NOT_FOUND.code: Advice(
        "Nothing is at this address, or it is not yours to see.",
        "Look at the id and at the path. What is made a moment ago is there as soon as you were answered.",
    ),
    problems.NOT_ALLOWED.code: Advice(
        "There is something at this address, and it does not take this method.",
        "The header Allow names the methods it takes.",
    ),
    problems.TOO_LARGE.code: Advice(
        "The body is larger than one request may be.",
        "Send fewer items at once: at most 10,000 debits.",
    ),
    problems.UNSUPPORTED.code: Advice(
        "The body is of a type that is not taken here.",
        "Send application/json, or what the operation names. BAI2 is not taken yet.",
    ),
    problems.NOT_ACCEPTABLE.code: Advice(
        "The header Accept asks for a form that is not given.",
        "Ask for application/json, or leave the header out.",
    ),
    problems.REFUSED.code: Advice(
        "All fields are right, and a rule says no: a permission was revoked, a limit is reached, it is "
        "too late to cancel. Nothing was done.",
        "code of each error names the rule, message says why. Send it again once that has changed; "
        "the same Idempotency-Key is still free.",
    ),
    problems.TOO_MANY.code: Advice(
        "Your client asked too often within a minute.",
        "Wait as many seconds as the header Retry-After says. RateLimit tells what is left.",
    ),
    problems.BUSY.code: Advice(
        "A request with the same Idempotency-Key is being worked on.",
        "Wait some seconds and send the same again: you are given its answer.",
    ),
    problems.REUSED.code: Advice(
        "The Idempotency-Key was used before, with another path or another body.",
        "Take a new key for each new request, and the same only to send the same again, byte for byte.",
    ),
    problems.STALE.code: Advice(
        "The object is not as you saw it: somebody changed it meanwhile.",
        "Get it again, look at what changed, and send your change with its new ETag.",
    ),
    problems.NO_MATCH.code: Advice(
        "A change has to say what it changes.",
        "Get the object, and send its ETag as If-Match.",
    ),
    problems.BROKEN.code: Advice(
        "We made a mistake. It is in our log under request_id. What moves money was done whole, or not "
        "at all.",
        "Send the same again with the same Idempotency-Key. If it fails again, tell us the request_id.",
    ),
    problems.UNAVAILABLE.code: Advice(
        "Something we need, as the database, does not answer just now.",
        "Wait as many seconds as the header Retry-After says, and send the same again with the same "
        "Idempotency-Key.",
    ),
}


class Page(NamedTuple):
    kind: Kind
    advice: Advice


def problem_page(code: str) -> Page | None:
    return next((page for page in problem_pages() if page.kind.code == code), None)


def problem_pages() -> list[Page]:
    return [Page(kind, ADVICE[kind.code]) for kind in problems.KINDS]


class Field(NamedTuple):
    name: str
    place: str
    kind: str
    is_needed: bool


class Told(NamedTuple):
    """An operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    asked: list[Field]
    answers: list[tuple[str, str, str]]
    example: Any
    answer: Any


def by_subject() -> list[tuple[str, list[Told]]]:
    found: dict[str, list[Told]] = {tag["name"]: [] for tag in document()["tags"]}
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            found[operation["tags"][0]].append(_told(path, method, operation))
    return [(tag, told) for tag, told in found.items() if told]


def _told(path: str, method: str, operation: Mapping[str, Any]) -> Told:
    content = operation.get("requestBody", {}).get("content", {})
    return Told(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", "").replace("`", ""),
        scope=operation["security"][0]["oauth2"][0],
        asked=[*_parameters(operation), *_body(content)],
        answers=[_answer(code, told) for code, told in operation["responses"].items()],
        example=content.get("application/json", {}).get("example"),
        answer=_told_first(operation["responses"]),
    )


def _told_first(responses: Mapping[str, Any]) -> Any:
    """An example of success; every operation has one."""
    first = min(code for code in responses if code.startswith("2"))
    return responses[first]["content"]["application/json"]["example"]


def _parameters(operation: Mapping[str, Any]) -> Iterable[Field]:
    for parameter in operation["parameters"]:
        whole = _resolved(parameter)
        needed = whole.get("required", False)
        yield Field(whole["name"], whole["in"], _kind(whole["schema"]), needed)


def _body(content: Mapping[str, Any]) -> Iterable[Field]:
    for media, told in content.items():
        if media != "application/json":
            yield Field(media, "body", "file", is_needed=False)
            continue
        schemas = told["schema"].get("anyOf", [told["schema"]])
        for schema in map(_resolved, schemas):
            for name, one in schema.get("properties", {}).items():
                needed = name in schema.get("required", [])
                yield Field(name, "body", _kind(one), needed)


def _answer(code: str, told: Mapping[str, Any]) -> tuple[str, str, str]:
    """Status, words, and the name of what is told where it is an object."""
    schema = told.get("content", {}).get("application/json", {}).get("schema", {})
    return code, told["description"], schema.get("$ref", "").rpartition("/")[2]


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    found = schema.get("type", "")
    words = " or ".join(found) if isinstance(found, list) else str(found)
    if words.startswith("array"):
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format", words))


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    node: Any = document()
    for part in schema["$ref"].removeprefix("#/").split("/"):
        node = node[part]
    found: Mapping[str, Any] = node
    return found
