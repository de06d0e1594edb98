import csv

import pytest
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice

from housing_ach.audit.models import Event
from housing_ach.batches.models import Batch
from housing_ach.batches.services import approve, build, eject, send
from housing_ach.batches.states import BatchStatus
from housing_ach.clock.services import advance, start
from housing_ach.desk.roles import give_role
from housing_ach.payments.states import PaymentStatus
from housing_ach.sandbox.bank.server import running_bank
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from tests.batches.town import AFTERNOON, CUT_OFF, MONDAY, NOON, Town, statuses
from tests.desk.signing_in import verified
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory

pytestmark = pytest.mark.django_db
CODE = "recovery"


@pytest.fixture
def town() -> Town:
    start(NOON)
    profile = BankProfileFactory()
    home = PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def draft(town: Town) -> Batch:
    town.debit()
    town.debit()
    (batch,) = town.build()
    return batch


def browser(role: Role, to: Property | None = None) -> Client:
    return of(UserFactory(is_staff=True), role, to)


def of(user: User, role: Role, to: Property | None = None) -> Client:
    give_role(user, role, to=to)
    StaticDevice.objects.create(user=user, name="codes").token_set.create(token=CODE)
    return verified(user)


def path(batch: Batch, more: str = "") -> str:
    return f"/desk/batches/{batch.pk}/{more}"


def form(client: Client, batch: Batch, code: str = CODE) -> dict[str, str]:
    shown = client.get(path(batch, "approve/")).context["form"]
    return {"code": code, "seen": shown["seen"].value()}


def now_of(batch: Batch) -> str:
    return Batch.objects.values_list("status", flat=True).get(pk=batch.pk)


def test_the_list_is_filtered_by_status(draft):
    looking = browser(Role.AUDITOR)

    assert path(draft) in looking.get("/desk/batches/?status=DRAFT").text
    assert path(draft) not in looking.get("/desk/batches/?status=SENT").text
    assert ">Settled</option>" in looking.get("/desk/batches/").text


def test_the_list_as_csv(draft):
    answer = browser(Role.AUDITOR).get("/desk/batches/?format=csv")

    heads, row = csv.reader(answer.getvalue().decode().splitlines())
    told = dict(zip(heads, row, strict=True))
    assert (told["Batch"], told["Entries"], told["Status"]) == (str(draft.pk), "2", "DRAFT")
    assert told["Total"] == "2,000.00"
    assert told["Effective"] == "2026-03-03"


def test_an_auditor_looks_and_cannot_act(draft):
    auditor = browser(Role.AUDITOR)

    page = auditor.get(path(draft)).text
    tried = [
        auditor.get(path(draft, "approve/")).status_code,
        auditor.post(path(draft, "approve/"), {"code": CODE}).status_code,
        auditor.post(path(draft, "cancel/"), {"reason": "no"}).status_code,
    ]

    assert draft.content_sha in page
    assert "Review and approve" not in page
    assert "Cancel the batch" not in page
    assert tried == [403, 403, 403]
    assert now_of(draft) == BatchStatus.DRAFT


def test_a_batch_of_another_property_is_not_there(town, draft):
    stranger = browser(Role.FINANCE, PropertyFactory())
    own = browser(Role.PROPERTY_MANAGER, town.home)

    closed = [
        stranger.get(path(draft, more)).status_code for more in ("", "live/", "file/", "approve/")
    ]
    closed += [
        stranger.post(path(draft, more), {"reason": "x", "code": CODE}).status_code
        for more in ("approve/", "cancel/")
    ]

    assert set(closed) == {404}
    assert path(draft) not in stranger.get("/desk/batches/").text
    assert own.get(path(draft)).status_code == 200


def test_the_right_code_approves(draft):
    clerk = UserFactory(is_staff=True)
    client = of(clerk, Role.FINANCE)

    page = client.get(path(draft, "approve/")).text
    answer = client.post(path(draft, "approve/"), form(client, draft), follow=True)

    assert "$2,000.00" in page
    assert "3 h 30" in page or "3\xa0hours, 30\xa0minutes" in page
    assert answer.redirect_chain == [(path(draft), 302)]
    draft.refresh_from_db()
    assert (draft.status, draft.approved_by) == (BatchStatus.APPROVED, clerk)
    assert clerk.name in answer.text


def test_a_wrong_code_approves_nothing(draft):
    client = browser(Role.FINANCE)

    answer = client.post(path(draft, "approve/"), form(client, draft, "000000"))

    assert answer.status_code == 422
    assert "That code is not right" in answer.text
    assert now_of(draft) == BatchStatus.DRAFT


def test_the_maker_is_told_that_somebody_else_approves(town):
    town.debit()
    maker = UserFactory(is_staff=True)
    client = of(maker, Role.FINANCE)
    (batch,) = build(window=town.window, on=MONDAY, at=NOON, by=maker)

    page = client.get(path(batch, "approve/")).text
    answer = client.post(path(batch, "approve/"), form(client, batch))

    assert 'name="code"' not in page
    assert answer.status_code == 422
    assert "somebody else has to approve it" in answer.text
    assert now_of(batch) == BatchStatus.DRAFT


def test_the_second_approver_is_told_who_was_first(town, draft):
    client = browser(Role.FINANCE)
    typed = form(client, draft)
    approve(draft, by=town.clerk, at=NOON)

    answer = client.post(path(draft, "approve/"), typed)

    assert answer.status_code == 422
    assert f"was approved by {town.clerk} already" in answer.text
    assert Batch.objects.get(pk=draft.pk).approved_by == town.clerk


def test_who_comes_late_to_the_page_is_led_to_the_batch(town, draft):
    approve(draft, by=town.clerk, at=NOON)

    answer = browser(Role.FINANCE).get(path(draft, "approve/"), follow=True)

    assert answer.redirect_chain == [(path(draft), 302)]
    assert "was approved by" in answer.text


def test_nothing_is_approved_after_the_cut_off(draft):
    client = browser(Role.FINANCE)
    typed = form(client, draft)
    advance(CUT_OFF)

    answer = client.post(path(draft, "approve/"), typed)

    assert answer.status_code == 422
    assert "cut-off for this batch has passed" in answer.text
    assert now_of(draft) == BatchStatus.DRAFT


def test_changed_content_is_not_approved(draft):
    Batch.objects.filter(pk=draft.pk).update(content_sha="0" * 64)
    client = browser(Role.FINANCE)

    answer = client.post(path(draft, "approve/"), form(client, draft))

    assert answer.status_code == 422
    assert "not what was built any more" in answer.text
    assert now_of(draft) == BatchStatus.DRAFT


def test_only_what_was_shown_is_approved_and_no_second_code_is_asked(draft):
    client = browser(Role.FINANCE)
    typed = form(client, draft)
    eject(draft.entries.all()[0], reason="the tenant asked", at=NOON)

    answer = client.post(path(draft, "approve/"), typed)
    again = client.post(path(draft, "approve/"), {"seen": answer.context["form"]["seen"].value()})

    assert answer.status_code == 422
    assert "changed while you looked" in answer.text
    assert 'name="code"' not in answer.text
    assert again.status_code == 302
    assert Batch.objects.get(pk=draft.pk).entry_count == 1


def test_what_was_taken_out_is_told_with_its_reason(draft):
    eject(draft.entries.all()[0], reason="the tenant asked", at=NOON)

    page = browser(Role.AUDITOR).get(path(draft)).text

    assert "Taken out" in page
    assert "the tenant asked" in page


def test_a_batch_is_canceled_with_a_reason(draft):
    client = browser(Role.FINANCE)

    page = client.get(path(draft)).text
    without = client.post(path(draft, "cancel/"), {"reason": ""})
    before = now_of(draft)
    answer = client.post(path(draft, "cancel/"), {"reason": "wrong month"})

    assert "2 payments over $2,000.00 do not go to the bank" in page
    assert (without.status_code, before) == (422, BatchStatus.DRAFT)
    assert answer.status_code == 302
    assert now_of(draft) == BatchStatus.CANCELLED
    assert statuses() == [PaymentStatus.SCHEDULED] * 2
    event = Event.objects.get(kind="batch.cancelled", subject_id=str(draft.pk))
    assert event.data["reason"] == "wrong month"


def test_a_frozen_batch_is_not_canceled(town):
    town.debit()
    town.frozen()
    batch = Batch.objects.get()

    answer = browser(Role.FINANCE).post(path(batch, "cancel/"), {"reason": "too late"})

    assert answer.status_code == 422
    assert "Ready to send" in answer.text
    assert now_of(batch) == BatchStatus.FROZEN


def test_the_live_card_asks_again_until_the_bank_has_answered(town, draft):
    looking = browser(Role.AUDITOR)
    still = looking.get(path(draft, "live/"))
    approve(draft, by=town.clerk, at=NOON)
    town.freeze()
    moving = looking.get(path(draft, "live/"))

    assert still.status_code == 286
    assert "hx-get" not in still.text
    assert moving.status_code == 200
    assert 'hx-trigger="every 2s"' in moving.text


def test_the_file_hides_account_numbers(town):
    payment = town.debit("9900777111")
    town.frozen()
    batch = Batch.objects.get()
    entry = payment.entries.get()

    page = browser(Role.AUDITOR).get(path(batch, "file/")).text
    own = browser(Role.PROPERTY_MANAGER, town.home)

    assert entry.trace in page
    assert "9900777111" not in page
    assert own.get(path(batch, "file/")).status_code == 200
    assert entry.trace in own.get(path(batch) + f"?trace={entry.trace[-7:]}").text
    assert "No entry has this trace" in own.get(path(batch) + "?trace=999999").text


def test_a_file_with_another_property_is_not_shown_to_a_manager(town):
    town.debit()
    first, town.home = (
        town.home,
        PropertyFactory(
            operating_fund__company__profile=town.profile,
            deposit_fund__company__profile=town.profile,
        ),
    )
    town.debit()
    town.frozen()
    batch = Batch.objects.get(entries__payment__lease__unit__property=first)

    answer = browser(Role.PROPERTY_MANAGER, first).get(path(batch, "file/"))

    assert "There is no file you may see" in answer.text
    assert "<pre" not in answer.text


def test_amounts_of_micro_deposits_are_hidden(town):
    town.micro_deposits()
    (batch,) = town.build()
    cents = batch.entries.values_list("cents", flat=True)

    page = browser(Role.AUDITOR).get(path(batch)).text

    assert "••" in page
    assert not [f"${each / 100:.2f}" for each in cents if f">${each / 100:.2f}<" in page]


def test_a_sent_batch_says_when(tmp_path):
    start(NOON)
    with running_bank(tmp_path / "bank", seed=7) as running:
        town = Town.beside(running)
        town.debit()
        send(town.frozen().pk, at=AFTERNOON)

    page = browser(Role.AUDITOR).get(path(Batch.objects.get())).text

    assert "Mar 2, 2026 15:10" in page
    assert "Sent to bank" in page
