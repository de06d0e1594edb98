from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from housing_ach.audit.models import Event
from housing_ach.bank.services import SandboxInLiveMode
from housing_ach.bank.states import SANDBOX_RECEIVER_ROUTINGS
from housing_ach.mandates import services
from housing_ach.mandates.models import BankAccount, BankAccountVersion, Mandate
from housing_ach.mandates.selectors import open_number, open_numbers
from housing_ach.mandates.services.accounts import checked_routing
from housing_ach.mandates.states import (
    AccountStatus,
    AccountType,
    MandateStatus,
    VerificationMethod,
    VerificationStatus,
)
from housing_ach.vault.models import Secret
from tests.factories import AT, MandateFactory, TenantFactory

pytestmark = pytest.mark.django_db

NUMBER = "00-7123456789"


def added(**changes):
    given = {
        "holder_name": "Ada  Byron",
        "routing": "111000025",
        "account_number": NUMBER,
        "account_type": AccountType.CHECKING,
        "at": AT,
    }
    return services.add_bank_account(
        **{"tenant": changes.pop("tenant", None) or TenantFactory(), **given, **changes}
    )


def test_the_row_keeps_the_last_four_and_the_vault_the_number():
    account = added()

    row = BankAccount.objects.filter(pk=account.pk).values().get()

    assert row["last_four"] == "6789"
    assert row["holder_name"] == "Ada Byron"
    assert NUMBER not in str(row)
    assert open_number(account) == NUMBER


def test_spaces_are_dropped_and_zeros_and_hyphens_kept():
    account = added(account_number=" 00-71 2345 6789 ")

    assert open_number(account) == NUMBER


def test_a_short_number_shows_no_last_four():
    assert added(account_number="4321").last_four == ""


def test_the_first_version_says_what_was_added():
    account = added()

    version = account.versions.get()

    assert (version.version, version.token, version.reason) == (1, account.token, "added")
    assert open_numbers([version.pk]) == {version.pk: NUMBER}


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"routing": "111000024"}, services.BadRouting, "routing"),
        ({"routing": "11100002"}, services.BadRouting, "routing"),
        ({"routing": "000000000"}, services.BadRouting, "routing"),
        ({"routing": "\u0661\u0661\u0661000025"}, services.BadRouting, "routing"),
        ({"account_number": "123"}, services.BadAccountNumber, "account_number"),
        ({"account_number": "123456789012345678"}, services.BadAccountNumber, "account_number"),
        ({"account_number": "12345*6789"}, services.BadAccountNumber, "account_number"),
        ({"account_number": "0000-0000"}, services.BadAccountNumber, "account_number"),
        ({"account_type": "LOAN"}, services.BadAccountType, "account_type"),
        ({"holder_name": "  "}, services.BadHolder, "holder_name"),
        ({"holder_name": "x" * 81}, services.BadHolder, "holder_name"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_leaves_nothing(changes, refusal, field):
    with pytest.raises(refusal) as refused:
        added(**changes)

    assert refused.value.field == field
    assert not BankAccount.objects.exists()
    assert not Secret.objects.exists()


@pytest.mark.parametrize("number", ["12345*6789", "123456789012345678"])
def test_a_refused_number_is_not_told(number):
    with pytest.raises(services.BadAccountNumber) as refused:
        added(account_number=number)

    assert number not in str(refused.value)


def test_the_same_account_of_a_tenant_is_known_by_its_print():
    first = added()

    with pytest.raises(services.AccountKnown) as refused:
        added(tenant=first.tenant, account_number="00-7123 456789")

    assert refused.value.ids == (first.pk,)
    assert "••6789" in str(refused.value)
    assert NUMBER not in str(refused.value)


def test_an_account_may_belong_to_two_tenants():
    first = added()

    second = added()

    assert bytes(second.fingerprint) == bytes(first.fingerprint)


def test_a_closed_account_may_be_added_anew():
    first = added()
    services.close_account(first, "R02")

    assert added(tenant=first.tenant).pk != first.pk


def test_a_correction_makes_a_version_and_keeps_the_old_one():
    account = added()

    version = services.correct_account(account, account_number="9900112233", reason="C01", at=AT)

    assert (account.version, account.last_four) == (2, "2233")
    assert open_numbers(list(account.versions.values_list("pk", flat=True))) == {
        version.pk: "9900112233",
        account.versions.get(version=1).pk: NUMBER,
    }


def test_a_corrected_routing_number_takes_the_account_along():
    account = added()
    before = bytes(account.fingerprint)

    services.correct_account(account, routing="222371863", reason="C02", at=AT)

    assert open_number(account) == NUMBER
    assert bytes(account.fingerprint) != before


def test_a_corrected_type_keeps_the_sealed_number():
    account = added()
    token = account.token

    services.correct_account(account, account_type=AccountType.SAVINGS, reason="C05", at=AT)

    assert (account.account_type, account.token, account.version) == ("SAVINGS", token, 2)


def test_the_same_correction_twice_is_one_version():
    account = added()
    first = services.correct_account(account, account_number="9900112233", reason="C01", at=AT)

    again = services.correct_account(account, account_number="9900112233", reason="C01", at=AT)

    assert again == first
    assert account.versions.count() == 2


def test_a_correction_onto_another_account_of_the_tenant_is_refused_and_changes_nothing():
    account = added()
    added(tenant=account.tenant, account_number="9900112233")

    with pytest.raises(services.AccountKnown):
        services.correct_account(account, account_number="9900112233", reason="C01", at=AT)

    account.refresh_from_db()
    assert account.version == 1
    assert open_number(account) == NUMBER


def test_an_account_does_not_open_under_another_routing_number():
    account = added()
    account.routing = "222371863"

    with pytest.raises(Exception, match="was changed, or sealed for another use"):
        open_number(account)


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (services.close_account, AccountStatus.CLOSED),
        (services.block_account, AccountStatus.BLOCKED),
    ],
)
def test_a_stopped_account_blocks_its_mandates(stop, status):
    mandate = MandateFactory()
    ended = MandateFactory(
        lease=mandate.lease, bank_account=mandate.bank_account, status=MandateStatus.REVOKED
    )

    stop(mandate.bank_account, "R02")
    stop(mandate.bank_account, "R02")

    mandate.refresh_from_db()
    ended.refresh_from_db()
    assert BankAccount.objects.get(pk=mandate.bank_account_id).status == status
    assert (mandate.status, ended.status) == (MandateStatus.BLOCKED, MandateStatus.REVOKED)


def test_a_closed_account_is_never_blocked_instead():
    account = added()
    services.close_account(account, "R02")

    services.block_account(account, "R16")

    assert BankAccount.objects.get(pk=account.pk).status == AccountStatus.CLOSED


def test_verification_activates_the_mandates_that_wait():
    account = added()
    waiting = MandateFactory(
        bank_account=account, tenant=account.tenant, status=MandateStatus.PENDING_VERIFICATION
    )
    paused = MandateFactory(
        bank_account=account, tenant=account.tenant, status=MandateStatus.PAUSED
    )

    services.mark_verified(account, method=VerificationMethod.SERVICE, on=date(2026, 3, 2))

    assert account.verification == VerificationStatus.VERIFIED
    assert Mandate.objects.get(pk=waiting.pk).status == MandateStatus.ACTIVE
    assert Mandate.objects.get(pk=paused.pk).status == MandateStatus.PAUSED


def test_a_stopped_account_is_not_verified():
    account = added()
    services.block_account(account, "R16")

    services.mark_verified(account, method=VerificationMethod.MANUAL, on=date(2026, 3, 2))

    assert account.verification == VerificationStatus.UNVERIFIED


def test_a_failed_verification_takes_the_mandate_out_of_force():
    mandate = MandateFactory()

    services.fail_verification(mandate.bank_account, "R03")

    assert Mandate.objects.get(pk=mandate.pk).status == MandateStatus.PENDING_VERIFICATION
    assert BankAccount.objects.get().verification == VerificationStatus.FAILED


def test_a_prenote_needs_an_open_account():
    account = added()
    services.close_account(account, "R02")

    with pytest.raises(services.AccountNotOpen) as refused:
        services.start_verification(account)

    assert "••6789" in str(refused.value)


def test_versions_are_never_changed():
    added()

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        BankAccountVersion.objects.update(routing="222371863")


def test_the_trail_tells_neither_token_nor_print():
    account = added()

    trail = Event.objects.filter(subject="mandates.bankaccount", subject_id=str(account.pk))

    assert trail.get(kind="row.insert").data["new"]["last_four"] == "6789"
    assert str(account.token) not in str(list(trail.values()))


def test_the_database_wants_nine_digits():
    account = added()
    account.routing = "12345678"

    with pytest.raises(ValidationError, match="routing_has_nine_digits"):
        account.full_clean()


def test_live_mode_refuses_a_routing_number_of_the_sandbox_bank(db, settings):
    settings.LIVE_MODE = True

    with pytest.raises(SandboxInLiveMode, match="routing"):
        checked_routing(SANDBOX_RECEIVER_ROUTINGS[0])
