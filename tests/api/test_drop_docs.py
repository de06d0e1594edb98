"""The page about the file drop: its template is taken as it stands, and its ack is what comes back."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from housing_ach.api.drop import csv_file, store, uploads
from housing_ach.api.drop.acks import Fate
from housing_ach.api.drop.names import UNFINISHED
from housing_ach.api.serializers.money import MOST_ITEMS
from housing_ach.clock import services as clock
from housing_ach.payments.models import Order, Submission
from housing_ach.users.states import Scope
from tests.api.calling import registered
from tests.api.dropping import dropped
from tests.factories import AT, LeaseShareFactory, MandateFactory
from tests.payments.story import owe

BASE = Path(settings.BASE_DIR)
PAGE = (BASE / "docs/file-drop.md").read_text()
NAME = "rent-2026-03.partial.csv"
SAID = re.compile(r"""(?:Fault|_unusable)\(\s*"(\w+)\"""")


def block(kind):
    return re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL).group(1)


def told(section):
    """The code words in the first column of the tables of a section."""
    text = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


@pytest.mark.django_db
def test_the_template_comes_to_the_ack():
    clock.start(AT)
    for number, mandate, cents in (("1204", 812, 145000), ("1207", 815, 98050)):
        names = {"lease__external_id": f"L-{number}", "tenant__external_id": f"T-{number}"}
        share = LeaseShareFactory(**names)
        MandateFactory(id=mandate, lease=share.lease, tenant=share.tenant)
        owe(share.lease, cents=cents)
    client = registered(scopes=(Scope.WRITE,))[0]

    dropped(client, NAME, block("csv").encode())

    said = store.ack_of(client.client_id, NAME).decode()
    first, second = Order.objects.order_by("pk").values_list("pk", flat=True)
    expected = block("ack").replace("#batch,17", f"#batch,{Submission.objects.get().pk}")
    expected = expected.replace("ACCEPTED,41", f"ACCEPTED,{first}")
    assert said == expected.replace("ACCEPTED,42", f"ACCEPTED,{second}")


def test_each_column_has_its_row():
    rows = dict(re.findall(r"^\| `(\w+)` \| (yes|no) \|", PAGE, re.MULTILINE))

    assert tuple(rows) == csv_file.COLUMNS
    assert {name for name, needed in rows.items() if needed == "yes"} == set(csv_file.REQUIRED)


def test_each_code_of_a_file_or_a_row_is_told():
    sources = sorted((BASE / "housing_ach/api/drop").glob("*.py"))
    codes = {code for path in sources for code in SAID.findall(path.read_text())} - {"F01"}

    page = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    assert len(codes) > 10
    assert not codes - page
    codec = {"F01", "C05"}
    head = {"#status", "#batch", "#rows", *(f"#{fate.value.lower()}" for fate in Fate)}
    assert not set(told("The ack")) - codes - codec - head


def test_the_limits_are_those_of_the_code():
    assert f"{store.MOST_BYTES:,} bytes and {MOST_ITEMS:,} rows" in PAGE
    assert f"{uploads.MOST_GROWING} unfinished files" in PAGE
    assert f"{store.MOST_WAITING} files that wait" in PAGE
    assert f"newest {store.LISTED:,} names" in PAGE
    assert all(f"`{end}`" in PAGE or f"rent.csv{end}`" in PAGE for end in UNFINISHED)
