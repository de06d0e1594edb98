"""Every page of the records: who may open it, who may change what, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import connection, connections
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.batches.models import Entry
from housing_ach.clock.models import Clock
from housing_ach.mandates.models import BankAccount, BankAccountVersion, Mandate, MandateText
from housing_ach.payments.models import Order, Payment, Release
from housing_ach.returns.models import Return
from housing_ach.tenants.models import Charge, Lease
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from tests.conftest import Database
from tests.desk.signing_in import verified
from tests.factories import UserFactory
from tests.journeys.places import page_of, tables

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
LABELS = [model._meta.label for model in MODELS]
# Set-up: all an administrator of users and properties may add and change.
SET_UP = {
    *("bank.BankProfile", "bank.Company", "ledger.Fund", "payments.Limit", "users.User"),
    *("tenants.Property", "tenants.Unit", "tenants.Lease", "tenants.Tenant"),
    *("tenants.LeaseShare", "tenants.ChargeSchedule", "tenants.Membership"),
}
# Beside it, what a superuser may touch: rights, and second factors.
SUPERUSERS = {
    "auth.Group",
    "otp_totp.TOTPDevice",
    "otp_static.StaticDevice",
    "two_factor_webauthn.WebauthnDevice",
}
HISTORY = [model for model in MODELS if model._meta.label not in SET_UP | SUPERUSERS]
# What only a service may write, wherever a form is open.
KEPT = {"status", "verification", "closed_through", "client_key", "approved_by", "frozen_at"}
FEW = {Clock, MandateText, Release}
ROLES = (Role.FINANCE, Role.AUDITOR, Role.ADMIN)
PAGES = ("changelist", "add", "change", "history", "delete")


@dataclass(frozen=True)
class Page:
    model: type[Model] | None
    name: str
    path: str


def pages() -> Iterator[Page]:
    for model in MODELS:
        row = model._default_manager.order_by("-pk")[0]
        for name in PAGES:
            ids = [row.pk] if name in PAGES[2:] else []
            yield Page(model, name, page_of(model, name, *ids))
    for name in ("desk:status", "admin:index", "admin:password_change", "admin:autocomplete"):
        yield Page(None, name, reverse(name))
    for app in sorted({model._meta.app_label for model in MODELS}):
        yield Page(None, "app", reverse("admin:app_list", args=[app]))
    device = TOTPDevice.objects.all()[0]
    for name in ("config", "qrcode"):
        path = reverse(f"admin:otp_totp_totpdevice_{name}", args=[device.pk])
        yield Page(TOTPDevice, name, path)


def browser_of(role: Role) -> Client:
    return verified(User.objects.get(email=f"{role.lower()}@example.org"))


def superuser() -> Client:
    return verified(UserFactory(admin=True))


@pytest.fixture(scope="module")
def walks(web) -> dict[Role, dict[Page, HttpResponse]]:
    """What each role was answered on every page."""
    found = {}
    for role in ROLES:
        browser = browser_of(role)
        found[role] = {page: browser.get(page.path) for page in pages()}
    return found


def expected(page: Page, role: Role) -> int:
    label = page.model._meta.label if page.model else ""
    if page.name in {"changelist", "change", "history"} or not label:
        return 403 if page.name == "admin:autocomplete" else 200
    return 200 if page.name == "add" and role == Role.ADMIN and label in SET_UP else 403


@pytest.fixture
def visitor(request, web) -> Client:
    match request.param:
        case "a tenant":
            return verified(UserFactory())
        case "a member of staff without the second factor":
            client = Client()
            client.force_login(User.objects.get(email="finance@example.org"))
            return client
    return Client()


@pytest.mark.parametrize(
    "visitor",
    ["a stranger", "a tenant", "a member of staff without the second factor"],
    indirect=True,
)
def test_every_page_is_closed_to(visitor: Client):
    answers = {page.path: visitor.get(page.path) for page in pages()}

    opened = {path for path, answer in answers.items() if answer.status_code not in {302, 403}}
    assert not opened
    assert {
        answer.url.split("?")[0] for answer in answers.values() if answer.status_code == 302
    } <= {
        "/account/login/",
        "/admin/login/",
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_page_answers_as_the_role_may(walks, role: Role):
    wrong = {
        page.path: (answer.status_code, expected(page, role))
        for page, answer in walks[role].items()
        if answer.status_code != expected(page, role)
    }

    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_every_page_forbids_foreign_and_inline_content(walks, role: Role):
    policies = {a.headers["Content-Security-Policy"] for a in walks[role].values()}

    assert all("default-src 'none'" in policy for policy in policies)
    assert not [policy for policy in policies if "unsafe" in policy]


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_what_makes_a_second_factor(walks, role: Role):
    keys = TOTPDevice.objects.values_list("key", flat=True)
    shown = "".join(answer.text for answer in walks[role].values())

    assert not [key for key in keys if key in shown]


def test_only_an_administrator_is_offered_to_save(walks):
    offered = {
        role: {
            page.model._meta.label
            for page, answer in walk.items()
            if page.name == "change" and page.model and 'name="_save"' in answer.text
        }
        for role, walk in walks.items()
    }

    assert offered == {Role.FINANCE: set(), Role.AUDITOR: set(), Role.ADMIN: SET_UP}


def contents(database: Database) -> dict[str, bytes]:
    """Everything but who is signed in."""
    connections["default"].close()
    found = tables(database)
    del found["django_session"]
    return found


def fill_forms(browser: Client, model: type[Model]) -> Iterator[HttpResponse]:
    row = model._default_manager.order_by("-pk")[0]
    typed = {field.attname: "" for field in row._meta.concrete_fields if not field.primary_key}
    filled = typed | {"status": "CLEARED", "cents": "1", "name": "Changed", "post": "yes"}
    for name, ids in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        yield browser.post(page_of(model, name, *ids), filled)


def take_actions(browser: Client, model: type[Model]) -> Iterator[HttpResponse]:
    row = model._default_manager.order_by("-pk")[0]
    for action in ("delete_selected", *(admin.site._registry[model].actions or ())):
        chosen = {"action": action, "_selected_action": [row.pk], "reason": "why not"}
        told = {"resolution": "done", "through": "2026-01-31", "post": "yes"}
        yield browser.post(page_of(model, "changelist"), chosen | told)


def test_nothing_an_auditor_posts_changes_anything(web: Database):
    auditor = browser_of(Role.AUDITOR)
    before = contents(web)

    forms = [answer.status_code for model in MODELS for answer in fill_forms(auditor, model)]
    actions = [answer.status_code for model in MODELS for answer in take_actions(auditor, model)]

    assert set(forms) == {403}
    assert set(actions) <= {200, 302}
    assert contents(web) == before


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model._meta.label)
def test_history_is_written_by_nobody(organisation: Database, model: type[Model]):
    browser = superuser()
    before = contents(organisation)

    answers = [answer.status_code for answer in fill_forms(browser, model)]

    assert answers == [403, 403, 403]
    assert contents(organisation)[model._meta.db_table] == before[model._meta.db_table]


@pytest.mark.parametrize("label", sorted(SET_UP))
def test_no_form_holds_what_a_service_writes(organisation: Database, label: str):
    its_admin = next(a for m, a in admin.site._registry.items() if m._meta.label == label)
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)

    assert not KEPT & set(its_admin.get_form(request).base_fields)


def queries_for(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_of_many_asks_as_often_as_a_list_of_one(
    organisation: Database, model: type[Model], monkeypatch
):
    browser, path = superuser(), page_of(model, "changelist")
    browser.get(path)
    assert model._default_manager.count() >= (1 if model in FEW else 3)

    many = queries_for(browser, path)
    monkeypatch.setattr(ModelAdmin, "list_per_page", 1)
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", 1)

    assert queries_for(browser, path) == many


@pytest.mark.parametrize("model", [Payment, Entry, Return])
def test_a_trace_finds(organisation: Database, model: type[Model]):
    entry = Entry.objects.get(status="RETURNED", reason="R01")
    wanted = {Payment: entry.payment_id, Entry: entry.pk, Return: entry.returns.get().pk}

    assert found(model, entry.trace) == {wanted[model]}


@pytest.mark.parametrize("model", [Payment, Entry, BankAccount, BankAccountVersion, Mandate])
def test_the_last_four_of_an_account_find(organisation: Database, model: type[Model]):
    account = Payment.objects.order_by("pk")[0].bank_account
    of_account = {
        Payment: {"bank_account": account},
        Entry: {"payment__bank_account": account},
        BankAccount: {"pk": account.pk},
        BankAccountVersion: {"account": account},
        Mandate: {"bank_account": account},
    }

    assert found(model, account.last_four) == ids(model, **of_account[model])


OF_TENANT = (Payment, Entry, Order, Mandate, BankAccount)


@pytest.mark.parametrize(
    ("model", "word"),
    [
        *((model, "name") for model in (*OF_TENANT, Lease, Charge)),
        *((model, "external_id") for model in OF_TENANT),
    ],
)
def test_a_tenant_finds(organisation: Database, model: type[Model], word: str):
    tenant = Payment.objects.filter(tenant__name="Adelheid Quint")[0].tenant
    path = {Entry: "payment__tenant", Lease: "shares__tenant", Charge: "shares__tenant"}

    assert found(model, getattr(tenant, word)) == ids(model, **{path.get(model, "tenant"): tenant})


def found(model: type[Model], words: str) -> set[int]:
    page = superuser().get(page_of(model, "changelist"), {"q": words})
    return {row.pk for row in page.context["cl"].result_list}


def ids(model: type[Model], **where: object) -> set[int]:
    wanted = set(model._default_manager.filter(**where).values_list("pk", flat=True))
    assert wanted
    return wanted
