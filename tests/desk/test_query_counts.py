"""What each list asks the database: as many questions for five rows as for fifty."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from housing_ach.batches.models import Batch
from housing_ach.cases.models import Case
from housing_ach.cases.services import NewCase, open_cases
from housing_ach.cases.states import CaseKind
from housing_ach.clock.services import start
from housing_ach.desk import urls
from housing_ach.desk.roles import give_role
from housing_ach.erp.models import Target
from housing_ach.notices.models import Message
from housing_ach.payments.models import Payment
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reports.models import Document
from housing_ach.reports.states import DocumentKind
from housing_ach.tenants.models import Property, Tenant
from housing_ach.tenants.states import Role
from housing_ach.users.models import Client as Program
from housing_ach.users.uses import note_use
from housing_ach.webhooks.models import Endpoint
from housing_ach.webhooks.services import add_endpoint
from tests import integrations
from tests.batches.town import NOON, Town
from tests.desk.signing_in import verified
from tests.factories import (
    BankProfileFactory,
    LeaseFactory,
    PaymentFactory,
    PropertyFactory,
    TenantFactory,
    UserFactory,
    WindowFactory,
)

pytestmark = pytest.mark.django_db
COUNTS = json.loads((Path(__file__).parents[1] / "query_counts.json").read_text())
FEW, MANY = 5, 50
# A page that lists something without being a table.
LISTS = {"desk:help": "cut_offs"}


@pytest.fixture
def town() -> Town:
    start(NOON)
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


def finance() -> Client:
    """Whose session is begun and written already."""
    user = UserFactory(is_staff=True)
    give_role(user, Role.FINANCE)
    client = verified(user)
    client.get(reverse("desk:reports"))
    return client


def batches(town: Town, count: int) -> None:
    if not Batch.objects.exists():
        town.debit()
        town.build()
    like = Batch.objects.order_by("pk")[0]
    for _ in range(count - Batch.objects.count()):
        like.pk = None
        like.save(force_insert=True)


def cases(town: Town, count: int) -> None:
    payments(town, count)
    about = Payment.objects.order_by("pk").values_list("pk", flat=True)[:count]
    open_cases(
        [NewCase(CaseKind.HOLD, "payments.payment", pk, "look at it") for pk in about], at=NOON
    )
    Case.objects.update(owner=town.clerk)


def documents(town: Town, count: int) -> None:
    shas = {str(number) for number in range(count)} - set(
        Document.objects.values_list("facts_sha", flat=True)
    )
    for sha in shas:
        Document.objects.create(
            kind=DocumentKind.DAY_END,
            subject="day",
            subject_id="2026-03-02",
            name="day-end.pdf",
            facts={},
            facts_sha=sha,
            made_by=UserFactory(),
            made_at=NOON,
        )


def messages(town: Town, count: int) -> None:
    tenant = TenantFactory()
    made = Message.objects.count()
    Message.objects.bulk_create(
        Message(
            kind="RECEIPT",
            template_version="1",
            language="en",
            recipient="payer@example.org",
            tenant=tenant,
            subject="payments.order",
            subject_id=str(number),
            occasion=f"order {number}",
            title="Receipt",
            body="",
            html="",
            sha256="0" * 64,
            queued_at=NOON,
            next_try_at=NOON,
        )
        for number in range(made, count)
    )


def payments(town: Town, count: int) -> None:
    PaymentFactory.create_batch(count - Payment.objects.count())


def windows(town: Town, count: int) -> None:
    for number in range(town.window.profile.windows.count(), count):
        WindowFactory(profile=town.window.profile, code=f"W{number}")


def properties(town: Town, count: int) -> None:
    PropertyFactory.create_batch(count - Property.objects.count())


def tenants(town: Town, count: int) -> None:
    LeaseFactory.create_batch(count - Tenant.objects.count(), unit__property=town.home)


def clients(town: Town, count: int) -> None:
    for number in range(Program.objects.count(), count):
        note_use(integrations.register(name=f"client {number}"), address="192.0.2.7", at=NOON)


def endpoints(town: Town, count: int) -> None:
    for number in range(Endpoint.objects.count(), count):
        client = integrations.register(name=f"client {number}")
        add_endpoint(client=client, url=f"https://hooks.example/{number}", at=NOON)


def reconciliations(town: Town, count: int) -> None:
    client = Program.objects.first() or integrations.register()
    for number in range(Reconciliation.objects.count(), count):
        integrations.say_settled(client, trace=f"1110002500{number:05}")


def targets(town: Town, count: int) -> None:
    for number in range(Target.objects.count(), count):
        integrations.post_to("POSTED", name=f"books {number}", number=number + 1)


BUILDERS: dict[str, Callable[[Town, int], None]] = {
    "desk:batches": batches,
    "desk:cases": cases,
    "desk:clients": clients,
    "desk:endpoints": endpoints,
    "desk:erp": targets,
    "desk:help": windows,
    "desk:notices": messages,
    "desk:payments": payments,
    "desk:properties": properties,
    "desk:reconciliations": reconciliations,
    "desk:reports": documents,
    "desk:tenants": tenants,
}


def asked(client: Client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(reverse(page))
    assert answer.status_code == 200
    listed = answer.context[LISTS.get(page, "table")]
    assert getattr(listed, "paginated_rows", listed)
    return len(captured)


@pytest.mark.parametrize("page", sorted(COUNTS))
def test_a_list_asks_as_much_for_five_rows_as_for_fifty(town, page):
    client = finance()

    BUILDERS[page](town, FEW)
    few = asked(client, page)
    BUILDERS[page](town, MANY)
    many = asked(client, page)

    assert (few, many) == (COUNTS[page], COUNTS[page])


def test_no_list_goes_uncounted(town):
    client, lists = finance(), set()
    for pattern in urls.desk_urls:
        try:
            answer = client.get(reverse(f"desk:{pattern.name}"))
        except NoReverseMatch:
            continue
        if answer.context and "table" in answer.context:
            lists.add(f"desk:{pattern.name}")

    assert lists | set(LISTS) == set(COUNTS)
