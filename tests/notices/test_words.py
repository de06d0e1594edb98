"""What messages say: the words of their version, the language of the reader, nothing that is secret."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.template.loader import get_template
from django.utils import translation

from housing_ach.notices import services
from housing_ach.notices.letters import TEMPLATES
from housing_ach.notices.models import Message, Preference
from housing_ach.notices.selectors import preference_of, sent_messages
from housing_ach.notices.states import OPTIONAL, Kind
from housing_ach.tenants.models import LeaseShare
from tests.factories import (
    MembershipFactory,
    TenantFactory,
    UserFactory,
)
from tests.notices.letters import plan_events
from tests.notices.test_upcoming import WEEK, plan, upcoming
from tests.returns.letters import about
from tests.returns.post import deliver, only_entry, send, settle

LEGAL = sorted(set(Kind) - set(OPTIONAL))


def source(name):
    return Path(get_template(name).origin.name).read_bytes()


@pytest.mark.parametrize("kind", Kind)
def test_words_that_change_are_a_new_version(kind):
    template = TEMPLATES[kind]

    digest = sha256(source(template.text) + source(template.html)).hexdigest()

    assert template.versions[-1] == digest, (
        f"add {digest} to the versions of {kind}: its words changed"
    )
    assert len(set(template.versions)) == len(template.versions)


@pytest.mark.parametrize("kind", Kind)
def test_no_message_shows_or_fetches_anything_from_elsewhere(kind):
    html = source(TEMPLATES[kind].html).decode() + source("notices/letter.html").decode()

    assert not re.search(r"<img|<script|style=|https?://", html)


@pytest.mark.django_db
class TestALanguage:
    def test_is_the_readers(self):
        autopay = plan()
        services.set_preferences(autopay.tenant, language="es")

        (message,) = upcoming(WEEK)

        assert message.language == "es"
        assert '<html lang="es">' in message.html
        assert "1 de abril de 2026" in message.body

    def test_is_english_for_whoever_chose_none(self):
        plan()
        with translation.override("es"):
            (message,) = upcoming(WEEK)

        assert "April 1, 2026" in message.body

    def test_that_nobody_writes_is_refused(self):
        with pytest.raises(services.UnknownLanguage):
            services.set_preferences(TenantFactory(), language="xx")


@pytest.mark.django_db
class TestAPreference:
    def test_is_to_get_everything_until_another_is_chosen(self):
        preference = preference_of(TenantFactory())

        assert all(preference.wants(kind) for kind in Kind)

    def test_switches_a_service_off(self):
        autopay = plan()
        services.set_preferences(autopay.tenant, muted=[Kind.UPCOMING_DEBIT])

        assert upcoming(WEEK) == []

    def test_keeps_what_is_not_named(self):
        tenant = TenantFactory()
        services.set_preferences(tenant, muted=[Kind.RECEIPT])

        services.set_preferences(tenant, language="es")

        assert preference_of(tenant).muted == ["RECEIPT"]

    @pytest.mark.parametrize("kind", LEGAL)
    def test_cannot_switch_off_what_must_be_told(self, kind):
        with pytest.raises(services.MustBeTold):
            services.set_preferences(TenantFactory(), muted=[kind])

    def test_of_the_database_neither(self):
        with pytest.raises(IntegrityError, match="only_a_service"), transaction.atomic():
            Preference.objects.create(tenant=TenantFactory(), muted=[Kind.RETURNED])


@pytest.mark.django_db
class TestTheLog:
    def test_shows_a_manager_the_messages_of_his_tenants_alone(self):
        autopay = plan()
        plan(email="other@example.org")
        home = autopay.lease.unit.property
        manager = MembershipFactory(role="PROPERTY_MANAGER", property=home).user
        upcoming(WEEK)

        (message,) = sent_messages(manager)

        assert message.recipient == "ada@example.org"

    def test_shows_nobody_the_messages_of_a_roommate(self):
        autopay = plan()
        mate = TenantFactory(user=UserFactory())
        LeaseShare.objects.create(
            lease=autopay.lease, tenant=mate, weight=1, starts_on=autopay.lease.starts_on
        )
        upcoming(WEEK)

        assert not sent_messages(mate.user).exists()


class TestAReturn:
    @pytest.fixture
    def town(self, committed_db, quiet_town):
        return quiet_town()

    @pytest.fixture
    def entry(self, town):
        town.debit()
        settle(town, send(town))
        entry = only_entry()
        tenant = entry.payment.tenant
        tenant.email = "ada@example.org"
        tenant.save()
        mate = TenantFactory(email="mate@example.org")
        lease = entry.payment.lease
        LeaseShare.objects.create(lease=lease, tenant=mate, weight=1, starts_on=lease.starts_on)
        plan_events()
        return entry

    def returned(self, town, entry, code):
        deliver(town, about(entry, code))
        plan_events()
        return list(Message.objects.filter(kind=Kind.RETURNED))

    def test_is_told_in_plain_words_with_the_day_of_the_next_try(self, town, entry):
        (message,) = self.returned(town, entry, "R01")

        entry.payment.refresh_from_db()
        with translation.override("en"):
            assert "not enough money in your account" in message.body
            assert "We will try to take the same amount again on" in message.body
        assert "R01" not in message.title + message.body

    def test_is_told_with_the_next_step_where_there_is_no_other_try(self, town, entry):
        (message,) = self.returned(town, entry, "R02")

        assert "Add another bank account and pay from it." in message.body

    def test_is_told_to_its_payer_alone(self, town, entry):
        self.returned(town, entry, "R01")

        assert not Message.objects.filter(recipient="mate@example.org").exists()

    def test_for_a_death_is_left_to_people(self, town, entry):
        assert self.returned(town, entry, "R15") == []
