"""Staff find a return by its trace and go from it to entry, payment and files; they edit nothing."""

import pytest
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.batches.models import Entry
from housing_ach.returns.models import Correction, Return
from tests.batches.town import Town
from tests.factories import UserFactory
from tests.returns.letters import about
from tests.returns.post import deliver


@pytest.fixture
def client(client):
    user = UserFactory(admin=True)
    client.force_login(user)
    session = client.session
    device = TOTPDevice.objects.create(user=user, confirmed=True)
    session["otp_device_id"] = device.persistent_id
    session.save()
    return client


def page(client, row):
    name = f"admin:returns_{row._meta.model_name}_change"
    return client.get(reverse(name, args=[row.pk])).content.decode()


def test_a_return_leads_to_its_entry_payment_and_both_files(town: Town, settled: Entry, client):
    deliver(town, about(settled, "R03"))

    told = Return.objects.get()
    shown = page(client, told)

    for row in (settled, settled.payment, told.file, settled.batch.file):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        assert reverse(name, args=[row.pk]) in shown
    assert "no account, or the name does not match the number" in shown
    assert 'name="_save"' not in shown


def test_returns_and_corrections_are_found_by_trace(town: Town, settled: Entry, client):
    deliver(
        town,
        about(settled, "R01"),
        about(settled, "R01", number=2, trace="123456789999999"),
        about(settled, "C02", number=3, data="323232322"),
    )

    for model in (Return, Correction):
        listed = client.get(
            reverse(f"admin:returns_{model._meta.model_name}_changelist"), {"q": settled.trace}
        )
        assert listed.context["cl"].result_count == 1


def test_a_correction_shows_what_changed_and_no_account_number(town: Town, settled: Entry, client):
    deliver(town, about(settled, "C01", data="990077665544"))

    shown = page(client, Correction.objects.get())

    assert "••5544" in shown
    assert "990077665544" not in shown
