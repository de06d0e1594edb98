"""docs/webhooks.md tells the truth: its example is run, its tables are those of the code."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from housing_ach.webhooks.catalogue import KINDS, PING
from housing_ach.webhooks.services import MOST_TRIES, ping, rotate_secret, send_waiting
from housing_ach.webhooks.services.sending import WAITS
from tests.factories import AT
from tests.webhooks.receiver import told_at

PAGE = (Path(settings.BASE_DIR) / "docs/webhooks.md").read_text()
UNITS = {"s": 1, "min": 60, "h": 3600}


@pytest.fixture
def is_ours():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    names = {}
    exec(example, names)  # noqa: S102 - our own page
    return names["is_ours"]


@pytest.mark.django_db
def test_the_example_knows_our_messages_by_either_secret(receiver, is_ours):
    endpoint, old = told_at(receiver)
    new = rotate_secret(endpoint, at=AT)
    ping(endpoint, at=AT)
    send_waiting(at=AT)

    ((headers, body),) = receiver.got

    assert is_ours(old, headers, body)
    assert is_ours(new, headers, body)
    assert not is_ours(new, headers, body + b" ")
    assert not is_ours(new, {**headers, "webhook-timestamp": "1"}, body)


def test_every_event_is_on_the_page():
    (table,) = re.findall(r"## What is told\n(.*?)\n\n[A-Z]", PAGE, re.S)

    assert set(re.findall(r"`([a-z_.]+)`", table)) - {"type"} == {*KINDS, PING}


def test_the_waits_are_on_the_page():
    (line,) = re.findall(r"^\| after \| at once \| (.*) \|$", PAGE, re.M)
    told = [int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (\w+)", line)]

    assert told == [wait.total_seconds() for wait in WAITS]
    assert len(told) == MOST_TRIES - 1
