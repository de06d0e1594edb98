"""Who administers users moves no money, and finance works through the web's role of the database."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.urls import reverse

from housing_ach.batches.models import Batch
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.payments.models import Payment
from housing_ach.payments.services import hold
from housing_ach.tenants.models import Unit
from housing_ach.tenants.states import Role
from housing_ach.users.models import User
from tests.batches.town import NOON, Town
from tests.desk.signing_in import verified
from tests.factories import BankProfileFactory, PropertyFactory, UserFactory, WindowFactory
from tests.journeys.places import page_of


def staff(role: Role) -> User:
    user = UserFactory(is_staff=True)
    give_role(user, role)
    return user


class TestAnAdministrator:
    pytestmark = pytest.mark.django_db

    @pytest.fixture
    def keeper(self) -> User:
        return staff(Role.ADMIN)

    def save(self, keeper: User, user: User, **typed: object) -> int:
        path = reverse("admin:users_user_change", args=[user.pk])
        form = {"email": user.email, "name": "Renamed", "is_active": "on", "is_staff": "on"}
        return verified(keeper).post(path, form | typed).status_code

    def test_makes_another_a_clerk(self, keeper):
        user = UserFactory()
        finance, _ = Group.objects.get_or_create(name=Role.FINANCE)

        assert self.save(keeper, user, groups=[finance.pk]) == 302

        user.refresh_from_db()
        assert (user.name, user.is_staff, user.groups.get()) == ("Renamed", True, finance)

    def test_makes_nobody_a_superuser(self, keeper):
        user = UserFactory()

        assert self.save(keeper, user, is_superuser="on") == 302

        user.refresh_from_db()
        assert (user.name, user.is_superuser) == ("Renamed", False)

    def test_gives_himself_no_other_role(self, keeper):
        finance, _ = Group.objects.get_or_create(name=Role.FINANCE)

        assert self.save(keeper, keeper, groups=[finance.pk]) == 302

        assert [group.name for group in keeper.groups.all()] == [Role.ADMIN]

    @pytest.mark.parametrize("page", ["admin:users_user_change", "admin:auth_user_password_change"])
    def test_does_not_take_a_superuser_over(self, keeper, page):
        root = UserFactory(admin=True)
        phrase = "a long enough phrase"
        form = {"password1": phrase, "password2": phrase, "name": "Mine", "usable_password": "true"}

        answer = verified(keeper).post(reverse(page, args=[root.pk]), form)

        assert answer.status_code == 403
        before, root = root.password, User.objects.get(pk=root.pk)
        assert (root.password, root.name != "Mine") == (before, True)


class TestThroughTheWeb:
    """In the role of the web process, which reads no sealed secret and changes no history."""

    @pytest.fixture
    def town(self, committed_db) -> Town:
        profile = BankProfileFactory()
        home = PropertyFactory(operating_fund__company__profile=profile)
        start(NOON)
        return Town(None, WindowFactory(profile=profile), home)

    @pytest.fixture
    def payment(self, town) -> Payment:
        return town.debit()

    def act(self, database, who: Client, row, action: str, **typed: str) -> list[str]:
        chosen = {"action": action, "_selected_action": [row.pk]}
        with override_settings(VAULT_MONEY_PRIVATE=False), database.acting_as("app"):
            answer = who.post(page_of(type(row), "changelist"), chosen | typed, follow=True)
        row.refresh_from_db()
        return [str(message) for message in answer.context["messages"]]

    def test_a_clerk_approves_what_another_made(self, committed_db, town, payment):
        (batch,) = town.build()
        clerk = staff(Role.FINANCE)

        self.act(committed_db, verified(clerk), batch, "approve")

        assert (batch.status, batch.approved_by) == ("APPROVED", clerk)

    def test_a_clerk_cancels_a_batch(self, committed_db, town, payment):
        (batch,) = town.build()

        self.act(committed_db, verified(staff(Role.FINANCE)), batch, "cancel")

        payment.refresh_from_db()
        assert (batch.status, payment.status) == ("CANCELLED", "SCHEDULED")

    def test_a_clerk_ejects_an_entry(self, committed_db, town, payment):
        (batch,) = town.build()
        entry = batch.entries.get()

        self.act(committed_db, verified(staff(Role.FINANCE)), entry, "eject")

        payment.refresh_from_db()
        assert (entry.status, payment.status) == ("EJECTED", "HELD")

    @pytest.mark.parametrize(
        ("action", "became"), [("release", "SCHEDULED"), ("cancel", "CANCELLED")]
    )
    def test_a_clerk_decides_on_what_is_held(self, committed_db, payment, action, became):
        hold([payment.pk], kind=CaseKind.HOLD, reason="looks odd", at=NOON)

        self.act(committed_db, verified(staff(Role.FINANCE)), payment, action, reason="asked")

        assert payment.status == became
        assert not Case.objects.open().exists()

    def test_a_clerk_resolves_a_case(self, committed_db, payment):
        hold([payment.pk], kind=CaseKind.HOLD, reason="looks odd", at=NOON)
        case = Case.objects.get()

        self.act(committed_db, verified(staff(Role.FINANCE)), case, "resolve", resolution="known")

        assert case.status == CaseStatus.RESOLVED

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
    def test_nobody_else_approves(self, committed_db, town, payment, role):
        (batch,) = town.build()

        self.act(committed_db, verified(staff(role)), batch, "approve")

        assert Batch.objects.get().status == "DRAFT"

    def test_an_administrator_sets_up(self, committed_db, town):
        browser = verified(staff(Role.ADMIN))
        form = {"property": town.home.pk, "name": "12b"}

        with committed_db.acting_as("app"):
            answer = browser.post(page_of(Unit, "add"), form)

        assert answer.status_code == 302
        assert Unit.objects.filter(property=town.home, name="12b").exists()
