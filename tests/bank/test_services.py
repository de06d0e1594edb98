import io

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.forms import modelform_factory
from django.test import override_settings

from housing_ach.audit.models import Event
from housing_ach.bank import services
from housing_ach.bank.admin import BankProfileForm, CompanyForm
from housing_ach.bank.models import BankProfile, Company
from housing_ach.bank.sftp import BankConnection, ClientKeyUnusable
from housing_ach.sandbox.bank.server import connect_profile, running_bank
from housing_ach.shared.problems import Refusal
from housing_ach.vault.models import Secret
from tests.factories import AT, BankProfileFactory, CompanyFactory

pytestmark = pytest.mark.django_db


ProfileForm = modelform_factory(BankProfile, form=BankProfileForm, fields="__all__")
FormOfCompany = modelform_factory(Company, form=CompanyForm, fields="__all__")


@pytest.fixture
def running(tmp_path):
    with running_bank(tmp_path, seed=7) as bank:
        yield bank


def test_a_connected_profile_opens_the_bank(running):
    profile = BankProfileFactory(is_sandbox=False)
    connect_profile(profile, running)

    with services.open_bank(profile) as bank:
        bank.require_folders(profile.outbound_folder, profile.inbound_folder, profile.temp_folder)


def test_a_connection_that_was_tried_is_kept(running):
    profile = BankProfileFactory(is_sandbox=False)
    connect_profile(profile, running)

    services.check_connection(profile, at=AT)

    profile.refresh_from_db()
    assert profile.connected_at == AT


def test_a_connection_that_fails_is_not_kept(running):
    profile = BankProfileFactory(is_sandbox=False)
    connect_profile(profile, running)
    profile.outbound_folder = "/nowhere"

    with pytest.raises(Refusal):
        services.check_connection(profile, at=AT)

    profile.refresh_from_db()
    assert profile.connected_at is None


def test_the_private_key_is_stored_sealed(running):
    profile = BankProfileFactory()
    connect_profile(profile, running)

    secret = Secret.objects.get(token=profile.client_key)

    assert secret.ring == "service"
    assert b"PRIVATE KEY" not in bytes(secret.sealed)


def test_a_bank_without_a_key_cannot_be_opened():
    with pytest.raises(ClientKeyUnusable, match="has no client key yet"):
        services.open_bank(BankProfileFactory())


def test_a_key_that_cannot_be_used_is_not_stored():
    profile = BankProfileFactory()

    with pytest.raises(ClientKeyUnusable):
        services.store_client_key(profile, pem=b"nonsense")

    assert profile.client_key is None


@override_settings(LIVE_MODE=True)
def test_live_mode_does_not_open_a_sandbox(running):
    profile = BankProfileFactory()
    connect_profile(profile, running)

    with pytest.raises(services.SandboxInLiveMode, match="is a sandbox"):
        services.open_bank(profile)


@override_settings(LIVE_MODE=True)
def test_live_mode_refuses_the_routing_numbers_of_the_sandbox():
    services.refuse_sandbox_routing("021000021")

    with pytest.raises(services.SandboxInLiveMode, match="odfi: 111111118"):
        services.refuse_sandbox_routing("111111118", field="odfi")


def test_the_sandbox_may_use_its_own_routing_numbers():
    services.refuse_sandbox_routing("111111118")


@pytest.mark.parametrize(("live", "told"), [(True, True), (False, False)])
def test_the_start_of_live_mode_names_the_sandbox_profile(live, told):
    CompanyFactory(profile__name="Play Bank", profile__is_sandbox=False)

    with override_settings(LIVE_MODE=live):
        messages = [str(message.msg) for message in run_checks(databases=["default"])]

    assert ("The bank profile Play Bank is a sandbox." in messages) is told


@override_settings(LIVE_MODE=True)
def test_the_admin_refuses_a_sandbox_in_live_mode():
    company = CompanyFactory()
    values = {"profile": company.profile_id, "name": "A", "company_id": "1" * 10}

    profile_form = ProfileForm(instance=company.profile, data={"is_sandbox": True})
    company_form = FormOfCompany(data={**values, "odfi": company.odfi})

    assert "this is live mode" in str(profile_form.non_field_errors())
    assert "this is live mode" in str(company_form.errors["odfi"])


def test_the_admin_takes_a_sandbox_outside_live_mode():
    company = CompanyFactory()
    values = {"profile": company.profile_id, "name": "A", "company_id": "1" * 10}

    assert FormOfCompany(data={**values, "odfi": company.odfi}).is_valid()


def test_a_new_key_prints_the_half_the_bank_needs():
    profile = BankProfileFactory(name="First")
    out = io.StringIO()

    call_command("bank_key", "First", stdout=out)

    profile.refresh_from_db()
    assert profile.client_key
    assert out.getvalue().startswith("ssh-ed25519 AAAA")
    assert isinstance(services.open_bank(profile), BankConnection)


def test_a_key_from_a_file_is_taken_over(running, tmp_path):
    profile = BankProfileFactory(name="First", host=running.host, port=running.port)
    connect_profile(profile, running)
    before = profile.client_key

    call_command("bank_key", "First", file=tmp_path / "client_key", stdout=io.StringIO())

    profile.refresh_from_db()
    assert profile.client_key != before
    with services.open_bank(profile) as bank:
        assert bank.exists("/inbound")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Second",), "bank Second: there is no such profile"),
        (("First", "--file", "/nowhere/key"), "No such file"),
    ],
)
def test_a_key_for_nobody_or_from_nowhere_is_refused(arguments, message):
    BankProfileFactory(name="First")

    with pytest.raises(CommandError, match=message):
        call_command("bank_key", *arguments)


def test_another_pinned_host_key_leaves_an_event():
    profile = BankProfileFactory()
    profile.host_key = "ssh-ed25519 BBBB"
    profile.save()

    kinds = Event.objects.filter(subject="bank.bankprofile").order_by("pk")
    assert "BBBB" in str(kinds.last().data)
