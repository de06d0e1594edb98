"""The words an operation is described with: JSON Schema of what is told, strict on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers

Schema = dict[str, Any]
Request = type[serializers.Serializer[Any]]

TEXT: Schema = {"type": "string"}
ID: Schema = {"type": "string", "pattern": "^[0-9]+$"}
UUID: Schema = {"type": "string", "format": "uuid"}
DAY: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
UTC: Schema = {"type": "string", "format": "date-time", "pattern": "Z$"}
CENTS: Schema = {"type": "integer", "description": "US cents."}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
CURRENCY: Schema = {"const": "USD"}
LAST_FOUR: Schema = {"type": "string", "minLength": 1, "maxLength": 4}


@dataclass(frozen=True)
class Operation:
    """What a method of a view does. The rest is told by the view itself: scope, query, keys, tags.

    `requests`: a body is one of these. `answers`: the component told with each status of success; None
    where there is no body. `example` is a body that is taken; `query` what its parameters may be; `bodies`
    are those that are no JSON, by their type.
    """

    summary: str
    answers: Mapping[int, str | None]
    requests: tuple[Request, ...] = ()
    description: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Schema] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    bodies: Mapping[str, Schema] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """`operations` by the view's name and the method; `components` by name.

    `examples` of answers by component; this package's own stand together (examples.py).
    """

    tag: str
    operations: Mapping[tuple[str, str], Operation]
    components: Mapping[str, Schema]
    examples: Mapping[str, Any] = field(default_factory=dict)


def part(**fields: Schema) -> Schema:
    """All of it, and nothing else."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def record(kind: str, name: Schema = ID, /, **fields: Schema) -> Schema:
    return part(object={"const": kind}, id=name, livemode=FLAG, **fields)


def ref(component: str) -> Schema:
    return {"$ref": f"#/components/schemas/{component}"}


def array(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def page(component: str) -> Schema:
    return part(
        object={"const": "list"},
        data=array(ref(component)),
        has_more=FLAG,
        next_cursor=maybe(TEXT),
        previous_cursor=maybe(TEXT),
    )


def maybe(schema: Schema) -> Schema:
    """Or null."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    nullable = schema | {"type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": sorted({str(value) for value in values})}


def lower(values: list[str]) -> Schema:
    return one_of(*(value.lower() for value in values))


def listed(what: str, name: str, **query: Schema) -> Operation:
    return Operation(f"List {what}", {200: name}, query=query)


def one(what: str, name: str) -> Operation:
    return Operation(f"Get {what}", {200: name})
