"""Each operation of the contract as OpenAPI tells it: of its view, and of the tables of this package."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema

from housing_ach.api import problems
from housing_ach.api.cursors import LIMIT, MOST
from housing_ach.api.described import (
    accounts,
    charges,
    hooks,
    money,
    parties,
    reconciliation,
    watching,
)
from housing_ach.api.described.base import TEXT, UUID, Operation, Request, Schema, Subject, ref
from housing_ach.api.described.examples import EXAMPLES
from housing_ach.api.idempotency import HEADER, LEAST
from housing_ach.api.idempotency import MOST as LONGEST
from housing_ach.api.serializers.base import Strict

SUBJECTS: tuple[Subject, ...] = tuple(
    module.SUBJECT
    for module in (money, accounts, charges, parties, reconciliation, watching, hooks)
)
OPERATIONS: Mapping[tuple[str, str], tuple[Subject, Operation]] = {
    key: (subject, operation)
    for subject in SUBJECTS
    for key, operation in subject.operations.items()
}
CHANGES = frozenset({"PUT", "PATCH", "DELETE"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
ETAG: Schema = {"type": "string", "pattern": '^(\\*|(W/)?"[\\x21\\x23-\\x7e]*")$'}
QUERY: Mapping[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
}
PATHS: Mapping[str, Schema] = {
    "pk": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    "external_id": {"type": "string", "pattern": "^[A-Za-z0-9._:-]+$"},
    "token": UUID,
}
ALWAYS = (
    *(problems.BAD_REQUEST, problems.UNAUTHENTICATED, problems.INSUFFICIENT_SCOPE),
    *(problems.NOT_ACCEPTABLE, problems.INVALID, problems.TOO_MANY),
    *(problems.BROKEN, problems.UNAVAILABLE),
)
BY_BODY = (problems.UNSUPPORTED, problems.TOO_LARGE, problems.REFUSED)
JSON, PROBLEM = "application/json", problems.ProblemRenderer.media_type


class Described(AutoSchema):
    """Nothing is guessed of an answer. A view beyond this package brings its own `subject`."""

    view: Any

    def is_excluded(self) -> bool:
        return (type(self.view).__name__, self.method) not in self._table

    def get_operation_id(self) -> str:
        return f"{self.method.lower()}{type(self.view).__name__.removesuffix('View')}"

    def get_tags(self) -> list[str]:
        return [self._found[0].tag]

    def get_summary(self) -> str:
        return self._operation.summary

    def get_description(self) -> str:  # type: ignore[override]  # as its own base class has it
        return self._operation.description or " ".join((type(self.view).__doc__ or "").split())

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{"oauth2": [str(self.view.scopes[self.method])]}]

    def _get_parameters(self) -> list[Schema]:
        path = [
            _parameter(name, "path", schema, required=True)
            for name, schema in PATHS.items()
            if f"{{{name}}}" in self.path
        ]
        query = [
            _parameter(name, "query", self._operation.query.get(name, QUERY.get(name, TEXT)))
            for name in sorted(self.view.parameters if self.method == "GET" else ())
        ]
        return [*path, *query, *self._headers()]

    def _headers(self) -> list[Schema]:
        headers = [ref_to("parameters", "RequestId")]
        if self._is_money:
            headers.append(ref_to("parameters", "IdempotencyKey"))
        if self._has_tag:
            headers.append(
                ref_to("parameters", "IfMatch" if self.method in CHANGES else "IfNoneMatch")
            )
        return headers

    def _get_request_body(self, direction: str = "request") -> Schema | None:
        if bodies := self._operation.bodies:
            content = {kind: {"schema": schema} for kind, schema in bodies.items()}
            return {"required": True, "content": content}
        if files := self._operation.files:
            return {"required": True, "content": {kind: {"schema": TEXT} for kind in files}}
        if not (asked := self._operation.requests):
            return None
        schemas = [self._body(serializer) for serializer in asked]
        told: Schema = {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
        if self._operation.example:
            told["example"] = self._operation.example
        return {"required": True, "content": {JSON: told}}

    def _body(self, serializer: Request) -> Schema:
        if not serializer().fields:
            return {"type": "object", "maxProperties": 0}
        schema: Schema = self.resolve_serializer(serializer, "request").ref
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Schema:
        schema: Schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Strict) or issubclass(serializer, Strict):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(self, field: Any, direction: str, *more: Any) -> Schema:
        schema: Schema = super()._map_serializer_field(field, direction, *more)  # type: ignore[no-untyped-call]
        if schema.pop("x-spec-enum-id", None):
            # It says the choices a second time.
            del schema["description"]
        return schema

    def _get_serializer_name(self, serializer: Any, direction: str, *more: Any) -> str:
        """What is asked is not what is told."""
        return f"{super()._get_serializer_name(serializer, direction, *more)}Request"

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        told = {str(status): self._success(status, name) for status, name in self._answers()}
        by_status: defaultdict[int, list[problems.Kind]] = defaultdict(list)
        for kind in self._problems():
            by_status[int(kind.status)].append(kind)
        return told | {str(status): problem(kinds) for status, kinds in sorted(by_status.items())}

    def _answers(self) -> Iterable[tuple[int, str | None]]:
        yield from self._operation.answers.items()
        if self._has_tag and self.method == "GET":
            yield 304, None

    def _success(self, status: int, name: str | None) -> Schema:
        headers = {"X-Request-Id": ref_to("headers", "RequestId")}
        if self._has_tag:
            headers["ETag"] = ref_to("headers", "ETag")
        if self._is_money:
            headers["Idempotent-Replayed"] = ref_to("headers", "IdempotentReplayed")
        told: Schema = {"description": "As you have it." if name is None else self.get_summary()}
        if name is not None:
            told["content"] = {JSON: {"schema": ref(name), "example": self._example(name)}}
        return told | {"headers": headers}

    def _example(self, name: str) -> Any:
        """Of this operation where it has its own, else of what is told. None is without."""
        known = {**EXAMPLES, **self._found[0].examples}
        return known.get(self.get_operation_id(), known[name])

    def _problems(self) -> Iterable[problems.Kind]:
        yield from ALWAYS
        if "{" in self.path:
            yield problems.NOT_FOUND
        if self.method in WITH_BODY | CHANGES:
            yield from BY_BODY
        if self._is_money:
            yield from (problems.BUSY, problems.REUSED)
        if self._has_tag and self.method in CHANGES:
            yield from (problems.STALE, problems.NO_MATCH)

    @property
    def _found(self) -> tuple[Subject, Operation]:
        return self._table[type(self.view).__name__, self.method]

    @property
    def _table(self) -> Mapping[tuple[str, str], tuple[Subject, Operation]]:
        if subject := getattr(self.view, "subject", None):
            return {key: (subject, operation) for key, operation in subject.operations.items()}
        return OPERATIONS

    @property
    def _operation(self) -> Operation:
        return self._found[1]

    @property
    def _is_money(self) -> bool:
        return hasattr(self.view, "taken") and self.method in WITH_BODY

    @property
    def _has_tag(self) -> bool:
        return hasattr(self.view, "require_match")


def problem(kinds: list[problems.Kind]) -> Schema:
    """An answer that says no, in one of some ways."""
    exact = {
        "properties": {
            "type": {"enum": [problems.BASE + kind.code for kind in kinds]},
            "status": {"const": int(kinds[0].status)},
        }
    }
    return {
        "description": "; ".join(f"{kind.title}." for kind in kinds),
        "headers": {"X-Request-Id": ref_to("headers", "RequestId")},
        "content": {PROBLEM: {"schema": {"allOf": [ref("Problem"), exact]}}},
    }


def ref_to(section: str, name: str) -> Schema:
    return {"$ref": f"#/components/{section}/{name}"}


def _parameter(name: str, place: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


PARAMETERS: Mapping[str, Schema] = {
    "RequestId": {
        **_parameter("X-Request-Id", "header", {"type": "string", "maxLength": 64}),
        "description": "Yours, repeated by the answer and kept in the history of what it changed.",
    },
    "IdempotencyKey": {
        **_parameter(
            HEADER,
            "header",
            {
                "type": "string",
                "pattern": f"^[\\x21\\x23-\\x7e]{{{LEAST},{LONGEST}}}$",
            },
            required=True,
        ),
        "description": "New for each request, the same when it is sent again: one effect, one answer.",
    },
    "IfMatch": {
        **_parameter("If-Match", "header", ETAG),
        "description": "The ETag of the object as you saw it; needed where it is changed.",
    },
    "IfNoneMatch": {
        **_parameter("If-None-Match", "header", ETAG),
        "description": "The ETag of the object as you have it: 304 where it is still so.",
    },
}
HEADERS: Mapping[str, Schema] = {
    "RequestId": {"schema": TEXT, "description": "Of this request, for asking us about it."},
    "ETag": {"schema": TEXT, "description": "Of the object as it is told."},
    "IdempotentReplayed": {
        "schema": {"const": "true"},
        "description": "Present where the answer was given before.",
    },
}
