"""What finance does with a batch besides approving it: finding it, taking out, looking how far it is."""

import csv

import pytest
from django.test import Client

from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.services import ContentChanged, approve, eject
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.cases.models import Case
from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Role
from tests.batches.town import NOON, Town, statuses
from tests.desk.signing_in import verified
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory
from tests.returns.letters import about
from tests.returns.post import deliver, send, settle

pytestmark = pytest.mark.django_db


def town_of() -> Town:
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def town() -> Town:
    start(NOON)
    return town_of()


@pytest.fixture
def draft(town: Town) -> Batch:
    town.debit()
    town.debit()
    (batch,) = town.build()
    return batch


def browser(role: Role = Role.FINANCE, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def path(batch: Batch, more: str = "") -> str:
    return f"/desk/batches/{batch.pk}/{more}"


def listed(client: Client, **filters: object) -> set[int]:
    table = client.get("/desk/batches/", filters).context["table"]
    return {row.record.pk for row in table.paginated_rows}


def take_out(client: Client, batch: Batch, **typed: object):
    entry = batch.entries.order_by("pk")[0]
    return client.post(path(batch, "eject/"), {"entry": entry.pk, "reason": "she moved", **typed})


def test_an_entry_is_taken_out_with_a_reason_and_the_rest_goes_on(draft):
    finance = browser()
    entry = draft.entries.order_by("pk")[0]

    offered = finance.get(path(draft)).text
    asked = finance.get(path(draft, "eject/"), {"entry": entry.pk}).text
    answer = take_out(finance, draft)

    assert f"{path(draft, 'eject/')}?entry={entry.pk}" in offered
    assert "$1,000.00" in asked
    assert answer.url == path(draft)
    assert statuses() == ["HELD", "BATCHED"]
    assert Case.objects.get().summary == "Payment held: she moved"
    assert Batch.objects.get().cents == 1000_00


def test_nothing_is_taken_out_without_a_reason(draft):
    answer = take_out(browser(), draft, reason="")

    assert answer.status_code == 422
    assert 'href="#id_reason"' in answer.text
    assert statuses() == ["BATCHED", "BATCHED"]


def test_an_entry_taken_out_meanwhile_is_told(draft):
    eject(draft.entries.order_by("pk")[0], reason="somebody was first", at=NOON)

    answer = take_out(browser(), draft)

    assert answer.status_code == 422
    assert "is now “Taken out”" in answer.text


def test_an_entry_of_another_batch_is_not_there(draft):
    foreign = town_of()
    foreign.debit()
    (other,) = foreign.build()

    answer = browser().post(
        path(draft, "eject/"), {"entry": other.entries.get().pk, "reason": "mistaken"}
    )

    assert answer.status_code == 404
    assert other.entries.get().status == EntryStatus.PLANNED


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_others_take_nothing_out(draft, role):
    looking = browser(role)

    answer = take_out(looking, draft)

    assert answer.status_code == 403
    assert "eject" not in looking.get(path(draft)).text
    assert statuses() == ["BATCHED", "BATCHED"]


def test_finance_of_one_property_decides_nothing_at_another_they_manage(town, draft):
    user = UserFactory(is_staff=True)
    give_role(user, Role.FINANCE, to=PropertyFactory())
    give_role(user, Role.PROPERTY_MANAGER, to=town.home)
    both = verified(user)

    answers = {
        both.post(path(draft, more), {"reason": "mine"}).status_code
        for more in ("approve/", "cancel/", "eject/")
    }

    assert both.get(path(draft)).status_code == 200
    assert answers == {403}
    assert Batch.objects.get().status == BatchStatus.DRAFT


def test_a_batch_is_not_approved_with_less_than_was_seen(town, draft):
    seen = Batch.objects.get(pk=draft.pk)
    eject(draft.entries.order_by("pk")[0], reason="she moved", at=NOON)

    with pytest.raises(ContentChanged):
        approve(seen, by=town.clerk, at=NOON)


def test_a_whole_trace_number_leads_to_its_batch(town):
    town.debit()
    batch = _sent(town)
    trace = batch.entries.get().trace

    answer = browser(Role.AUDITOR).get("/desk/batches/", {"q": trace})

    assert answer.url == f"{path(batch)}?trace={trace}"


def test_a_trace_number_nobody_has_finds_nothing(draft):
    assert listed(browser(), q="999999999999999") == set()


def test_a_trace_number_of_another_property_finds_nothing(town):
    town.debit()
    trace = _sent(town).entries.get().trace
    stranger = browser(Role.PROPERTY_MANAGER, PropertyFactory())

    assert listed(stranger, q=trace) == set()


def test_the_list_is_filtered(town, draft):
    foreign = town_of()
    foreign.debit()
    (other,) = foreign.build()
    finance = browser()
    day = draft.effective_on

    assert listed(finance, property=town.home.pk) == {draft.pk}
    assert listed(finance, company=other.company_id) == {other.pk}
    assert listed(finance, q=f"#{draft.pk}") == {draft.pk}
    assert listed(finance, first=str(day), last=str(day)) == {draft.pk, other.pk}
    assert listed(finance, last="2020-01-01") == set()
    assert listed(finance, property="x", first="soon") == {draft.pk, other.pk}


def test_the_page_says_how_many_entries_have_settled_and_came_back(town):
    town.debit()
    town.debit()
    batch = _sent(town)
    looking = browser(Role.AUDITOR)

    sent = " ".join(looking.get(path(batch)).text.split())
    settle(town, batch.file)
    deliver(town, about(batch.entries.order_by("pk")[0], "R02"))
    settled = " ".join(looking.get(path(batch)).text.split())

    assert "0 of 2" in sent
    assert "1 of 2" in settled
    assert "1 came back." in settled


def test_the_entry_hash_is_that_of_the_file(town):
    town.debit()
    town.debit()
    batch = _sent(town)
    control = next(line for line in batch.file.masked.splitlines() if line[0] == "8")

    shown = browser(Role.AUDITOR).get(path(batch)).context["entry_hash"]

    assert shown == control[10:20]


def test_the_entries_come_as_a_list(draft):
    answer = browser(Role.AUDITOR).get(path(draft), {"format": "csv"})

    rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert {int(row["Payment"]) for row in rows} == {row.payment_id for row in Entry.objects.all()}
    assert [row["Amount"] for row in rows] == ["1,000.00", "1,000.00"]


def _sent(town: Town) -> Batch:
    send(town)
    return Batch.objects.select_related("file").get(company__profile=town.profile)


def test_a_held_payment_is_worked_on_from_its_case(draft):
    finance = browser()
    take_out(finance, draft)
    case = Case.objects.get()

    finance.post(f"/desk/exceptions/{case.pk}/act/", {"do": "release", "words": "she stays"})

    assert draft.entries.order_by("pk")[0].payment.status == PaymentStatus.SCHEDULED
