from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from housing_ach.audit.models import Event
from housing_ach.audit.move import IllegalMove
from housing_ach.mandates import services
from housing_ach.mandates.models import Autopay, Mandate, MandateText
from housing_ach.mandates.states import (
    AccountStatus,
    Channel,
    MandateStatus,
    Roll,
    VerificationStatus,
)
from tests.factories import (
    AT,
    AutopayFactory,
    BankAccountFactory,
    LeaseFactory,
    MandateFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db


def sign(lease=None, account=None, **changes):
    lease = lease or LeaseFactory()
    tenant = changes.pop("tenant", None) or lease.shares.get().tenant
    terms = {
        "channel": Channel.PAPER,
        "min_cents": 1,
        "max_cents": 2000_00,
        "signed_name": "Ada Byron",
        "at": AT,
    }
    account = account or BankAccountFactory(tenant=tenant)
    return services.sign_mandate(
        tenant=tenant, lease=lease, bank_account=account, **{**terms, **changes}
    )


def test_a_mandate_over_a_verified_account_is_active():
    mandate = sign()

    assert (mandate.status, mandate.sec_code) == (MandateStatus.ACTIVE, "PPD")
    assert (mandate.signed_at, mandate.signed_name) == (AT, "Ada Byron")
    assert mandate.text == MandateText.objects.get()


def test_a_mandate_over_another_account_waits():
    lease = LeaseFactory()
    account = BankAccountFactory(tenant=lease.shares.get().tenant, unverified=True)

    assert sign(lease, account).status == MandateStatus.PENDING_VERIFICATION


def test_a_mandate_given_online_keeps_its_device():
    mandate = sign(channel=Channel.INTERNET, ip="203.0.113.7", user_agent="Mozilla/5.0")

    assert mandate.sec_code == "WEB"
    assert (mandate.signed_ip, mandate.signed_user_agent) == ("203.0.113.7", "Mozilla/5.0")


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"min_cents": 0}, services.BadRange, "max_cents"),
        ({"min_cents": 2000_01}, services.BadRange, "max_cents"),
        ({"signed_name": " "}, services.NoEvidence, "signed_name"),
        ({"channel": Channel.INTERNET}, services.NoEvidence, "ip"),
        ({"channel": Channel.INTERNET, "ip": "203.0.113.7"}, services.NoEvidence, "ip"),
    ],
)
def test_permission_that_is_not_provable_is_refused(changes, refusal, field):
    with pytest.raises(refusal) as refused:
        sign(**changes)

    assert refused.value.field == field
    assert not Mandate.objects.exists()


def test_only_a_tenant_of_the_lease_gives_permission():
    stranger = TenantFactory()

    with pytest.raises(services.NotAParty) as refused:
        sign(tenant=stranger)

    assert refused.value.field == "lease"


def test_only_over_an_account_of_the_own():
    with pytest.raises(services.NotAParty) as refused:
        sign(account=BankAccountFactory())

    assert refused.value.field == "bank_account"


def test_a_blocked_account_is_refused():
    lease = LeaseFactory()
    account = BankAccountFactory(tenant=lease.shares.get().tenant, status=AccountStatus.BLOCKED)

    with pytest.raises(services.AccountNotOpen, match="••6789 is BLOCKED"):
        sign(lease, account)


def test_the_sec_code_follows_the_channel_in_the_database_too():
    mandate = MandateFactory()

    with pytest.raises(IntegrityError, match="sec_follows_the_channel"), transaction.atomic():
        Mandate.objects.filter(pk=mandate.pk).update(sec_code="WEB")


def test_the_wording_says_what_the_rules_ask_for():
    """12 CFR 1005.10 and Nacha: terms, range, timing, account, revocation, notice, copy."""
    text = MandateText.objects.get(version="2026-11")

    assert text.sha256 == sha256(text.body.encode()).hexdigest()
    for words in ("minimum", "next banking day", "four digits", "take this authorization back"):
        assert words in text.body
    for words in ("ten days before", "180 days", "Your copy", "three business days"):
        assert words in text.body


def test_the_wording_never_changes():
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        MandateText.objects.update(body="")


def test_a_waiting_mandate_is_activated_once_its_account_is_verified():
    mandate = MandateFactory(status=MandateStatus.PENDING_VERIFICATION)

    services.activate(mandate)

    assert mandate.status == MandateStatus.ACTIVE


def test_not_before_it_is_verified():
    mandate = MandateFactory(status=MandateStatus.PENDING_VERIFICATION)
    mandate.bank_account.verification = VerificationStatus.PENDING

    with pytest.raises(services.NotVerified):
        services.activate(mandate)


def test_a_paused_mandate_goes_on():
    mandate = MandateFactory()
    services.pause(mandate, "away", AT)
    assert mandate.status == MandateStatus.PAUSED

    services.resume(mandate, "back", AT)

    assert mandate.status == MandateStatus.ACTIVE
    assert [e.data["reason"] for e in moves_of(mandate)] == ["away", "back"]


def moves_of(mandate):
    return Event.objects.about(mandate).exclude(became="").order_by("id")


def test_a_blocked_mandate_needs_a_new_permission():
    mandate = MandateFactory()
    services.block(mandate, "R10", AT)

    with pytest.raises(services.MandateInactive, match="is BLOCKED"):
        services.resume(mandate, "please", AT)


def test_blocking_again_does_nothing():
    mandate = MandateFactory()
    services.block(mandate, "R10", AT)

    services.block(mandate, "R10", AT)

    assert moves_of(mandate).count() == 1


def test_a_revoked_mandate_ends_its_plans():
    autopay = AutopayFactory()

    services.revoke(autopay.mandate, "asked to", AT)

    mandate = Mandate.objects.get()
    assert (mandate.status, mandate.revoked_at) == (MandateStatus.REVOKED, AT)
    assert Autopay.objects.get().ends_on == date(2026, 3, 2)


def test_a_plan_ends_on_the_new_york_day():
    autopay = AutopayFactory()

    services.revoke(autopay.mandate, "asked to", datetime(2026, 3, 3, 4, 0, tzinfo=UTC))

    assert Autopay.objects.get().ends_on == date(2026, 3, 2)


def test_a_revoked_mandate_is_never_active_again():
    mandate = MandateFactory()
    services.revoke(mandate, "asked to", AT)

    with pytest.raises(IllegalMove):
        services.activate(mandate)
    services.revoke(mandate, "again", AT)
    services.block(mandate, "R07", AT)

    assert Mandate.objects.get().status == MandateStatus.REVOKED


def test_the_roll_is_forward_unless_signed_otherwise():
    assert (sign().roll, sign(roll=Roll.BACKWARD).roll) == (Roll.FORWARD, Roll.BACKWARD)
