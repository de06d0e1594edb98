"""The whole contract as one OpenAPI 3.1 document, made of the code that answers."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from housing_ach.api import problems
from housing_ach.api.described.base import TEXT, array, part
from housing_ach.api.described.operations import HEADERS, PARAMETERS, SUBJECTS
from housing_ach.users.states import Scope

ERROR = part(pointer=TEXT, code=TEXT, message=TEXT)
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `type` leads to a page that says what to do.",
    "properties": {
        "type": {"enum": [problems.BASE + kind.code for kind in problems.KINDS]},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT,
        "request_id": TEXT,
        "errors": array(ERROR)
        | {"description": "Pointers are RFC 6901, into the body or the query."},
    },
    "required": ["type", "title", "status", "instance", "request_id"],
    "additionalProperties": False,
}
ABOUT = (
    "Money is whole US cents, days are ISO dates in New York, instants are UTC. Every object says "
    "`livemode`. Lists are pages: go on with `next_cursor` while `has_more`, and back with "
    "`previous_cursor` while there is one. Ids are text."
)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    generator.coerce_path_pk = False
    found: dict[str, Any] = generator.get_schema(request=None, public=True)
    views = [callback.cls for *_where, callback in generator.endpoints]
    guests = {view.subject.tag: view.subject for view in views if hasattr(view, "subject")}
    subjects = [*SUBJECTS, *guests.values()]
    found["info"] = {"title": "HMS-ACH", "version": "1", "description": ABOUT}
    found["servers"] = [{"url": settings.SITE_URL}]
    found["tags"] = [{"name": subject.tag} for subject in subjects]
    found["paths"] = {_named(path): _renamed(path, item) for path, item in found["paths"].items()}
    parts = found["components"]
    told = {name: schema for subject in subjects for name, schema in subject.components.items()}
    parts["schemas"] = dict(
        sorted((parts.get("schemas", {}) | told | {"Problem": PROBLEM}).items())
    )
    parts["parameters"], parts["headers"] = dict(PARAMETERS), dict(HEADERS)
    parts["securitySchemes"] = {
        "oauth2": {
            "type": "oauth2",
            "description": "Tokens that write are bound to the client's certificate (RFC 8705).",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"{settings.API_ISSUER}/oauth/token",
                    "scopes": {scope.value: str(scope.label) for scope in Scope},
                }
            },
        },
        "mutualTLS": {"type": "mutualTLS"},
    }
    return found


def _named(path: str) -> str:
    return path.replace("{pk}", f"{{{_name(path)}}}")


def _name(path: str) -> str:
    """As the contract calls it."""
    return "batchId" if path.endswith("/ach/status/{pk}") else "id"


def _renamed(path: str, item: dict[str, Any]) -> dict[str, Any]:
    for operation in item.values():
        for parameter in operation["parameters"]:
            if parameter.get("name") == "pk":
                parameter["name"] = _name(path)
    return item
