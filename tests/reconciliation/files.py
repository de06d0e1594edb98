"""Files as a client writes them, and what became of each of their lines."""

import json

from housing_ach.reconciliation.models import Line, Reconciliation
from housing_ach.reconciliation.services import apply_received, take
from housing_ach.reconciliation.states import Form
from housing_ach.users.states import Scope
from tests.api.calling import registered
from tests.batches.town import TUESDAY, WEDNESDAY, morning

AT = morning(WEDNESDAY)
COLUMNS = ("trace", "payment", "external_id", "amount", "status", "code", "on")


def settled(entry, /, **other):
    return {
        "trace": entry.trace,
        "amount": entry.cents,
        "status": "settled",
        "on": str(TUESDAY),
    } | other


def returned(entry, code="R01", /, **other):
    return settled(entry, status="returned", code=code) | other


def json_of(*lines, control=None):
    told = [*lines, {"control": control}] if control else lines
    return "".join(json.dumps(line) + "\n" for line in told).encode()


def csv_of(*lines, control=None):
    rows = [COLUMNS, *([line.get(name, "") for name in COLUMNS] for line in lines)]
    rows += [("#control", *control)] if control else []
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows).encode()


def told(content, form=Form.JSON_LINES, *, client=None, at=AT) -> Reconciliation:
    """Taken and applied."""
    row = take(client or registered(scopes=(Scope.RECON,))[0], form, content, at=at)
    apply_received(at=at)
    row.refresh_from_db()
    return row


def fates(row):
    return list(
        Line.objects.filter(reconciliation=row).order_by("number").values_list("fate", flat=True)
    )


def errors(row):
    return [(error["line"], error["field"]) for error in row.errors]
