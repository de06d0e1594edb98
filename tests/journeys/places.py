"""Everywhere something could be left lying, as bytes, and how a number could look there."""

import base64
import itertools
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from kombu import Connection
from psycopg import sql

from tests.conftest import Database

RECORDS_A_MODEL = 6
# The server's own files: what they hold is dumped as text instead.
SERVER_FILES = "postgres"
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname <> ALL(%s) ORDER BY 1, 2"


def forms(number: str) -> set[bytes]:
    """As it is, in groups of three or four, in hexadecimal (bytea), in base64 (Valkey's messages)."""
    groups = [re.findall(f".{{1,{size}}}", number) for size in (3, 4)]
    plain = {mark.join(parts).encode() for parts in [[number], *groups] for mark in " -"}
    coded = {form for text in plain for form in (text.hex().encode(), *_base64(text))}
    return plain | coded


def _base64(text: bytes) -> Iterator[bytes]:
    """The part that is the same whatever stands before and behind, for each way to fall into threes."""
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + text).rstrip(b"=")
        yield coded[(0, 2, 3)[shift] : -1]


def tables(database: Database) -> dict[str, bytes]:
    """Every row of every table, as a superuser copies it out."""
    with database.connect("superuser") as connection:
        names = connection.execute(TABLES, [["pg_catalog", "information_schema"]]).fetchall()
        return {table: _rows(connection, schema, table) for schema, table in names}


def _rows(connection: psycopg.Connection, schema: str, table: str) -> bytes:
    statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, table))
    with connection.cursor().copy(statement) as copy:
        return b"".join(map(bytes, copy))


@contextmanager
def broker(url: str) -> Iterator[Callable[[], set[bytes]]]:
    """What looks through every key of Valkey and tells what each holds, whatever its type."""
    with Connection(url) as connection:
        client = connection.channel().client
        readers = {
            b"list": lambda key: client.lrange(key, 0, -1),
            b"hash": lambda key: itertools.chain(*client.hgetall(key).items()),
            b"zset": lambda key: client.zrange(key, 0, -1),
            b"set": client.smembers,
            b"string": lambda key: [client.get(key) or b""],
            b"none": lambda _: [],
        }
        yield lambda: {
            part
            for key in client.scan_iter(count=1000)
            for part in (key, *readers[client.type(key)](key))
        }


def stored_text(*folders: Path) -> bytes:
    """Names and contents of every file below the folders.

    The server's own are not looked into: other tests make and drop databases meanwhile.
    """
    found = [
        path
        for folder in folders
        for top in sorted(folder.iterdir())
        if top.name != SERVER_FILES
        for path in (top, *sorted(top.rglob("*")))
        if path.is_file()
    ]
    return b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in found)


def pages_text(browser: Client) -> bytes:
    """The status page, every list of the admin, and its newest records."""
    paths = [reverse("desk:status"), reverse("admin:index")]
    for model in admin.site._registry:
        paths.append(page_of(model, "changelist") + "?all=")
        newest = model._default_manager.order_by("-pk")[:RECORDS_A_MODEL]
        paths += [page_of(model, "change", row.pk) for row in newest]
        paths += [page_of(model, "history", row.pk) for row in newest[:1]]
    return b"\n".join(_page(browser, path) for path in paths)


def page_of(model: type[Model], name: str, *args: object) -> str:
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}"
    return reverse(page, args=args)


def _page(browser: Client, path: str) -> bytes:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return path.encode() + b"\n" + answer.content


@contextmanager
def logged() -> Iterator[StringIO]:
    """All that this process logs, at the level at which most is told."""
    told, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(told), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
