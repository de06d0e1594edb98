"""The mapping page names each field that is taken, and no other."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from housing_ach.api.serializers import parties

PAGE = (Path(settings.BASE_DIR) / "docs/hmis.md").read_text()
ROW = re.compile(r"^\| (\w+) \| `(\w+)` \|(?:[^|]+\|){3}$", re.MULTILINE)
KINDS = {
    "property": parties.PropertySerializer,
    "unit": parties.UnitSerializer,
    "tenant": parties.TenantSerializer,
    "lease": parties.LeaseSerializer,
}
NEVER = re.compile(r"ssn|social|birth|age$|race|sex|gender|relig|income|disab|routing|account")


@pytest.mark.parametrize("kind", KINDS)
def test_each_field_has_its_row(kind):
    rows = [field for named, field in ROW.findall(PAGE) if named == kind]

    assert rows == list(KINDS[kind]().fields)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_that_is_never_taken(kind):
    assert not [name for name in KINDS[kind]().fields if NEVER.search(name)]
