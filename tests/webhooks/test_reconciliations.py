"""What becomes of a program's settlement file is told by webhook as well."""

import pytest

from housing_ach.reconciliation.services import apply_received, take
from housing_ach.reconciliation.states import Form
from housing_ach.users.states import Scope
from housing_ach.webhooks.models import Delivery
from housing_ach.webhooks.services import plan_from_events
from tests.api.calling import registered
from tests.final import wait_until_final
from tests.reconciliation.files import AT, json_of
from tests.webhooks.receiver import told_at

LINE = {"trace": "0" * 15, "amount": 100, "status": "settled", "on": "2026-03-03"}


@pytest.mark.parametrize(
    ("line", "ends"), [(LINE, "reconciliation.applied"), ({}, "reconciliation.quarantined")]
)
def test_it_is_told_once_that_it_came_and_once_what_became_of_it(
    committed_db, receiver, line, ends
):
    told_at(receiver)
    client, _ = registered(scopes=(Scope.RECON,))
    row = take(client, Form.JSON_LINES, json_of(line), at=AT)
    apply_received(at=AT)
    wait_until_final()

    plan_from_events(at=AT)

    told = Delivery.objects.filter(kind__startswith="reconciliation.").order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["reconciliation.received", ends]
    assert f'"id":"{row.pk}"' in told[1].body
    assert LINE["trace"] not in told[1].body
