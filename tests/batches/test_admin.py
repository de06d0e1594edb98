"""Staff look at everything, edit nothing, and decide through the services."""

import pytest
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.batches.models import BankFile, Batch, Entry, Evidence
from housing_ach.clock.services import start
from housing_ach.desk.roles import give_role
from housing_ach.tenants.states import Role
from tests.batches.town import NOON, statuses
from tests.factories import UserFactory


@pytest.fixture
def signed_in(client):
    def sign_in(user):
        client.force_login(user)
        device = TOTPDevice.objects.create(user=user, confirmed=True)
        session = client.session
        session["otp_device_id"] = device.persistent_id
        session.save()
        return client

    return sign_in


@pytest.fixture
def clerk(town):
    give_role(town.clerk, Role.FINANCE)
    return town.clerk


def act(client, model, action, *rows):
    url = reverse(f"admin:batches_{model}_changelist")
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url, chosen, follow=True).content.decode()


def test_every_page_opens_and_nothing_is_editable(town, client, signed_in):
    town.debit()
    town.sent()
    town.listen(NOON.replace(day=3))
    signed_in(UserFactory(admin=True))

    for model in (BankFile, Batch, Entry, Evidence):
        name = model._meta.model_name
        listed = client.get(reverse(f"admin:batches_{name}_changelist"))
        page = client.get(reverse(f"admin:batches_{name}_change", args=[model.objects.first().pk]))
        assert (listed.status_code, page.status_code) == (200, 200)
        assert b'name="_save"' not in page.content


def test_the_page_of_a_file_shows_its_hash_and_no_account_number(town, client, signed_in):
    town.debit("99001234567")
    file = town.sent()
    signed_in(UserFactory(admin=True))

    page = client.get(reverse("admin:batches_bankfile_change", args=[file.pk])).content.decode()

    assert file.sha256 in page
    assert "*******4567" in page
    assert "99001234567" not in page


@pytest.mark.parametrize("what", ["trace", "last four", "tenant"])
def test_an_entry_is_found_by(town, client, signed_in, what):
    payment = town.debit("99001234567")
    town.debit("99007654321")
    town.frozen()
    entry = payment.entries.get()
    words = {"trace": entry.trace, "last four": "4567", "tenant": payment.tenant.external_id}
    signed_in(UserFactory(admin=True))

    page = client.get(reverse("admin:batches_entry_changelist"), {"q": words[what]})

    assert [row.pk for row in page.context["cl"].result_list] == [entry.pk]


class TestDeciding:
    @pytest.fixture(autouse=True)
    def business_clock(self, town):
        start(NOON)

    def test_a_clerk_approves_a_batch(self, town, clerk, signed_in):
        town.debit()
        (batch,) = town.build()

        page = act(signed_in(clerk), "batch", "approve", batch)

        batch.refresh_from_db()
        assert "approved" in page
        assert (batch.status, batch.approved_by) == ("APPROVED", clerk)

    def test_the_maker_of_a_batch_is_refused(self, town, clerk, signed_in):
        town.debit()
        (batch,) = town.build()
        admin = signed_in(batch.made_by)
        batch.made_by.is_staff = batch.made_by.is_superuser = batch.made_by.is_active = True
        batch.made_by.save()

        page = act(admin, "batch", "approve", batch)

        batch.refresh_from_db()
        assert "cannot approve it" in page
        assert batch.status == "DRAFT"

    def test_a_clerk_cancels_a_batch(self, town, clerk, signed_in):
        town.debit()
        (batch,) = town.build()

        act(signed_in(clerk), "batch", "cancel", batch)

        assert statuses() == ["SCHEDULED"]

    def test_an_auditor_sees_no_action(self, town, client, signed_in):
        town.debit()
        (batch,) = town.build()
        auditor = UserFactory(is_staff=True)
        give_role(auditor, Role.AUDITOR)

        act(signed_in(auditor), "batch", "approve", batch)

        batch.refresh_from_db()
        assert batch.status == "DRAFT"
