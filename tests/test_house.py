"""The house rules that no other tool holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from housing_ach.celery import app as celery_app

BASE = Path(settings.BASE_DIR)
FILE_LINES = 400
FUNCTION_LINES = 50
# Pages a stranger may open.
OPEN_PAGES = {
    "healthz",
    "readyz",
    "admin/jsi18n/",
    "language/setlang/",
    "account/login/",
    "account/theme/",
    "account/sign-out/",
    "account/password/",
    "account/password/sent/",
    "account/password/1/1/",
    "account/invitation/1/1/",
    "account/two_factor/webauthn/get_credential.js",
    ".well-known/oauth-authorization-server",
    "oauth/jwks",
    "oauth/token",
    "api/v1/openapi.json",
    "api/docs/",
    "problems/",
    "problems/1",
    # There is nothing there, and that is no secret.
    "^api/",
}
SOURCES = [
    path
    for folder in ("housing_ach", "bin", "tests")
    for path in sorted((BASE / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
TEMPLATES = sorted(
    path.relative_to(BASE / "templates") for path in (BASE / "templates").rglob("*.*")
)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_too_long():
    lengths = {path.relative_to(BASE): len(path.read_text().splitlines()) for path in SOURCES}

    assert not {path: lines for path, lines in lengths.items() if lines > FILE_LINES}


def test_no_function_is_too_long():
    long = {
        f"{path.relative_to(BASE)}:{function.lineno} {function.name}"
        for path in SOURCES
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    }

    assert not long


def test_no_file_is_a_drawer_for_anything():
    assert not [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "misc"}]


def test_the_package_itself_stays_empty():
    assert (BASE / "housing_ach/__init__.py").read_text() == ""


def test_every_template_is_used():
    code = [*SOURCES, *(BASE / "templates").rglob("*.*")]
    told = "\n".join(path.read_text() for path in code)
    # Django finds these by their name alone.
    found_by_name = ("404.html", "500.html", "403.html", "400.html", "403_csrf.html")
    others = ("admin/", "django/", "two_factor/")

    unused = [
        str(path)
        for path in TEMPLATES
        if str(path) not in told and not str(path).startswith((*found_by_name, *others))
    ]

    assert not unused


def test_every_name_in_the_timetable_is_a_task():
    celery_app.loader.import_default_modules()
    planned = {line["task"] for line in celery_app.conf.beat_schedule.values()}

    assert planned
    assert not planned - set(celery_app.tasks)


def test_every_module_in_the_import_contract_is_there_or_to_come():
    held = re.search(r"layers = \[(.*?)\]", (BASE / "pyproject.toml").read_text(), re.S)
    named = set(re.findall(r"\w+", held.group(1))) if held else set()
    packages = {path.parent.name for path in (BASE / "housing_ach").glob("*/__init__.py")}

    assert not packages - named


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def pages(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Every path, an argument being 1, or a UUID of ones. Regular expressions (the admin's catch-all) are left out."""
    for part in resolver.url_patterns:
        named = re.sub(r"<uuid:[^>]+>", f"{'1' * 8}-1111-1111-1111-{'1' * 12}", str(part.pattern))
        route = prefix + re.sub(r"<[^>]+>", "1", named)
        if isinstance(part, URLResolver):
            yield from pages(part, route)
        elif isinstance(part, URLPattern) and "(?" not in str(part.pattern):
            yield route


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(set(pages(get_resolver())) - OPEN_PAGES))
def test_every_page_asks_who_is_there(client: Client, path):
    answer = client.get("/" + path)

    # What only takes a POST says so to everybody.
    is_shut = answer.status_code in {401, 403, 405}
    assert is_shut or answer["Location"].startswith("/account/login/")


def test_every_app_of_ours_is_installed():
    with_models = {path.parent.name for path in (BASE / "housing_ach").glob("*/models*")}

    assert not with_models - {config.label for config in apps.get_app_configs()}
