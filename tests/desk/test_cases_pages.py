import csv
from datetime import timedelta

import pytest
from django.test import Client

from housing_ach.audit.models import Event
from housing_ach.batches.services import build
from housing_ach.cases.models import Case
from housing_ach.cases.services import assign, open_case, resolve
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.cases.words import KINDS
from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.mandates.services import close_account
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.payments.states import PaymentStatus
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Role
from tests.batches.town import MONDAY, NOON, THURSDAY, Town
from tests.desk.signing_in import verified
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def town_of(home: Property | None = None) -> Town:
    profile = BankProfileFactory()
    place = home or PropertyFactory(
        operating_fund__company__profile=profile, deposit_fund__company__profile=profile
    )
    return Town(None, WindowFactory(profile=profile), place)


@pytest.fixture
def town() -> Town:
    start(NOON)
    return town_of()


def held(town: Town, *, kind: CaseKind = CaseKind.LIMIT) -> Case:
    payment = town.debit()
    hold([payment.pk], kind=kind, reason="over the limit of a day", at=NOON)
    return Case.objects.get(subject_id=str(payment.pk))


def returned(town: Town) -> Case:
    payment = town.debit()
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.RETURNED)
    return open_case(
        CaseKind.RETURNED,
        "payments.payment",
        payment.pk,
        "R01 came back",
        at=NOON,
        suggested_fix="Agree with the tenant how it is paid",
        facts={"code": "R01", "trace": "111000010000001"},
    )


def browser(role: Role = Role.FINANCE, to: Property | None = None) -> Client:
    user = UserFactory(is_staff=True)
    give_role(user, role, to=to)
    return verified(user)


def path(case: Case, more: str = "") -> str:
    return f"/desk/exceptions/{case.pk}/{more}"


def do(client: Client, case: Case, name: str, **typed: str):
    form = {"do": name, "words": "the tenant called", **typed}
    return client.post(path(case, "act/"), form, headers=HTMX)


def payment_of(case: Case) -> Payment:
    return Payment.objects.get(pk=case.subject_id)


def test_the_queue_names_tenant_and_unit(town):
    case = held(town)

    shown = browser().get("/desk/exceptions/").text

    assert payment_of(case).tenant.name in shown
    assert "Over a limit" in shown
    assert "$1,000.00" in shown


def test_every_kind_has_words():
    assert set(KINDS) == set(CaseKind)


def test_a_held_payment_is_released_and_its_case_resolved(town):
    case = held(town)

    answer = do(browser(), case, "release")

    assert answer["HX-Redirect"] == f"/desk/exceptions/?item={case.pk}"
    assert payment_of(case).status == PaymentStatus.SCHEDULED
    assert Case.objects.get().resolution == "Released: the tenant called"


def test_who_asked_for_a_payment_does_not_release_it(town):
    case = held(town)
    give_role(town.clerk, Role.FINANCE)

    answer = do(verified(town.clerk), case, "release")

    assert answer.status_code == 422
    assert "somebody else has to decide" in answer.text
    assert "the tenant called" in answer.text
    assert payment_of(case).status == PaymentStatus.HELD


def test_a_held_payment_is_cancelled(town):
    case = held(town)

    do(browser(), case, "cancel")

    assert payment_of(case).status == PaymentStatus.CANCELLED
    assert Case.objects.get().status == CaseStatus.RESOLVED


def test_a_case_is_not_closed_over_a_payment_that_is_still_held(town):
    case, finance = held(town), browser()

    offered = finance.get(path(case), headers=HTMX).text
    answer = do(finance, case, "resolve")

    assert 'value="resolve"' not in offered
    assert answer.status_code == 422
    assert "On hold" in answer.text
    assert Case.objects.get().status == CaseStatus.OPEN


def test_a_returned_payment_is_tried_again_on_the_day_named(town):
    case = returned(town)

    do(browser(), case, "retry", day=str(THURSDAY))

    payment = payment_of(case)
    assert (payment.status, payment.effective_on) == (PaymentStatus.SCHEDULED, THURSDAY)
    assert Case.objects.get().resolution == f"Retry planned for {THURSDAY}: the tenant called"


@pytest.mark.parametrize("day", ["", str(MONDAY), str(THURSDAY + timedelta(days=2))])
def test_a_retry_needs_a_banking_day_that_can_be_reached(town, day):
    case = returned(town)

    answer = do(browser(), case, "retry", day=day)

    assert answer.status_code == 422
    assert 'href="#id_day"' in answer.text
    assert Case.objects.get().status == CaseStatus.OPEN


@pytest.mark.parametrize("why", ["tried twice", "account closed"])
def test_a_retry_that_would_be_refused_is_not_offered(town, why):
    case, finance = returned(town), browser()
    if why == "tried twice":
        Payment.objects.update(retries=2)
    else:
        close_account(payment_of(case).mandate.bank_account, reason="R02")

    offered = finance.get(path(case), headers=HTMX).text
    answer = do(finance, case, "retry", day=str(THURSDAY))

    assert 'value="retry"' not in offered
    assert answer.status_code == 422
    assert Case.objects.get().status == CaseStatus.OPEN


def test_the_second_of_two_clerks_is_told_who_was_first(town):
    case, finance, first = returned(town), browser(), UserFactory(name="Ada Quick")
    resolve(case, by=first, resolution="paid by cheque", at=NOON)

    answer = do(finance, case, "resolve")

    assert answer.status_code == 422
    assert "Ada Quick resolved this exception" in " ".join(answer.text.split())


def test_a_stale_page_is_answered_as_a_conflict_without_script(town):
    case, finance = returned(town), browser()
    resolve(case, by=UserFactory(), resolution="paid by cheque", at=NOON)

    answer = finance.post(path(case, "act/"), {"do": "resolve", "words": "done"})

    assert answer.status_code == 409
    assert "<h1>Exceptions</h1>" in answer.text


def test_an_action_of_another_kind_is_not_taken(town):
    case = returned(town)

    answer = do(browser(), case, "release")

    assert answer.status_code == 422
    assert payment_of(case).status == PaymentStatus.RETURNED


def test_a_note_stands_in_the_history_with_its_writers_name(town):
    case, ada = returned(town), UserFactory(is_staff=True, name="Ada Quick")
    give_role(ada, Role.FINANCE)

    do(verified(ada), case, "note")

    shown = browser().get(path(case), headers=HTMX).text
    assert "the tenant called" in shown
    assert "Ada Quick" in shown
    assert Event.objects.get(kind="case.note").actor == f"user:{ada.pk}"


def test_nothing_is_done_without_a_reason(town):
    case = held(town)

    answer = do(browser(), case, "release", words="")

    assert answer.status_code == 422
    assert 'href="#id_words"' in answer.text
    assert payment_of(case).status == PaymentStatus.HELD


def test_an_exception_is_given_to_a_colleague_and_that_is_told(town):
    case, ada = returned(town), UserFactory(is_staff=True, name="Ada Quick")
    give_role(ada, Role.FINANCE)
    finance = browser()

    finance.post(path(case, "owner/"), {"owner": ada.pk})

    assert Case.objects.get().owner == ada
    assert "Owner changed" in finance.get(path(case), headers=HTMX).text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_others_look_and_do_nothing(town, role):
    case, looking = held(town), browser(role)

    posted = [
        do(looking, case, "release").status_code,
        looking.post(path(case, "owner/"), {"owner": ""}).status_code,
        looking.post("/desk/exceptions/bulk/", {"do": "assign", "pick": case.pk}).status_code,
    ]

    panel = looking.get(path(case), headers=HTMX)
    assert panel.status_code == 200
    assert "<form" not in panel.text
    assert 'name="pick"' not in looking.get("/desk/exceptions/").text
    assert posted == [403, 403, 403]


def test_a_manager_sees_the_own_propertys_alone(town):
    own, other = held(town), held(town_of())
    manager = browser(Role.PROPERTY_MANAGER, town.home)

    listed = manager.get("/desk/exceptions/").text

    assert '<span class="count">1</span>' in listed
    assert f"item={own.pk}" in listed
    assert f"item={other.pk}" not in listed
    assert manager.get(path(other), headers=HTMX).status_code == 404


def test_finance_of_one_property_does_nothing_at_another_they_manage(town):
    case, user = held(town), UserFactory(is_staff=True)
    give_role(user, Role.FINANCE, to=PropertyFactory())
    give_role(user, Role.PROPERTY_MANAGER, to=town.home)
    client = verified(user)

    answer = do(client, case, "release")
    client.post("/desk/exceptions/bulk/", {"do": "assign", "pick": case.pk})

    assert answer.status_code == 403
    assert payment_of(case).status == PaymentStatus.HELD
    assert Case.objects.get().owner is None


def test_what_was_picked_is_assigned_and_what_was_resolved_meanwhile_is_told(town):
    cases = [returned(town), returned(town), returned(town)]
    resolve(cases[2], by=UserFactory(name="Ada Quick"), resolution="done", at=NOON)

    form = {"do": "assign", "pick": [case.pk for case in cases], "back": "kind=RETURNED"}
    answer = browser().post("/desk/exceptions/bulk/", form, follow=True)

    assert answer.redirect_chain[0][0] == "/desk/exceptions/?kind=RETURNED"
    assert "2 exceptions are yours now." in answer.text
    assert "Ada Quick resolved this exception" in answer.text
    assert Case.objects.filter(owner=None).count() == 1


def test_bulk_resolving_wants_words_and_leaves_what_is_held(town):
    done, still = returned(town), held(town)
    finance, form = browser(), {"do": "resolve", "pick": [done.pk, still.pk]}

    refused = finance.post("/desk/exceptions/bulk/", form, follow=True)
    answer = finance.post("/desk/exceptions/bulk/", form | {"words": "paid"}, follow=True)

    assert "Nothing was changed" in refused.text
    assert "1 exception is resolved." in answer.text
    assert set(Case.objects.open()) == {still}


def test_a_foreign_case_among_the_picked_is_left_alone(town):
    case, stranger = held(town), held(town_of())
    client = browser(Role.FINANCE, town.home)

    client.post("/desk/exceptions/bulk/", {"do": "assign", "pick": [case.pk, stranger.pk]})

    assert Case.objects.get(pk=case.pk).owner is not None
    assert Case.objects.get(pk=stranger.pk).owner is None


def filtered(client: Client, query: str) -> set[int]:
    table = client.get(f"/desk/exceptions/?{query}").context["table"]
    return {row.record.pk for row in table.paginated_rows}


def test_the_queue_is_filtered(town):
    limit, other = held(town), returned(town_of())
    finance = browser()
    assign(other, UserFactory())
    Case.objects.filter(pk=other.pk).update(opened_at=NOON - timedelta(days=5))

    assert filtered(finance, "kind=LIMIT") == {limit.pk}
    assert filtered(finance, f"property={town.home.pk}") == {limit.pk}
    assert filtered(finance, "owner=nobody") == {limit.pk}
    assert filtered(finance, "owner=me") == set()
    assert filtered(finance, "age=3") == {other.pk}
    assert filtered(finance, "q=r01") == {other.pk}
    assert filtered(finance, f"q=%23{limit.subject_id}") == {limit.pk}
    assert filtered(finance, "status=resolved") == set()
    assert filtered(finance, "kind=nonsense&property=x") == {limit.pk, other.pk}


def test_an_open_item_is_shown_beside_the_list(town):
    case = held(town)

    shown = browser().get(f"/desk/exceptions/?item={case.pk}").text

    assert 'aria-selected="true"' in shown
    assert f"{path(case)}act/" in shown


def test_a_formula_in_a_summary_does_nothing_in_a_spreadsheet(town):
    case = returned(town)
    Case.objects.filter(pk=case.pk).update(summary='=HYPERLINK("http://x")')

    answer = browser().get("/desk/exceptions/?format=csv")

    rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert rows[0]["Summary"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["Exception"] == "RETURNED"


def test_a_batched_payment_is_cancelled_from_its_case(town):
    case = returned(town)
    Payment.objects.update(status=PaymentStatus.SCHEDULED)
    build(window=town.window, on=MONDAY, at=NOON, by=town.clerk)
    Case.objects.filter(pk=case.pk).update(kind=CaseKind.HOLD)

    answer = do(browser(), case, "cancel")

    assert answer.status_code == 200
    assert payment_of(case).status == PaymentStatus.CANCELLED
