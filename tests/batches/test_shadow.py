"""What a property in the shadow would send, and that it sends nothing."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from housing_ach.audit.models import Event
from housing_ach.batches import services
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.states import EntryStatus
from housing_ach.cases.models import Case
from housing_ach.ledger.models import Transfer
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.services import (
    add_bank_account,
    mark_verified,
    set_up_autopay,
    sign_mandate,
)
from housing_ach.mandates.states import AccountType, AutopayMode, Channel, VerificationMethod
from housing_ach.payments.models import Limit, Order, Payment
from housing_ach.payments.services import run_autopay
from housing_ach.payments.states import Direction
from housing_ach.tenants.models import PilotLease, Property, ShadowRun
from housing_ach.tenants.services import NotLive, add_charge
from housing_ach.tenants.states import ChargeKind, Rollout
from housing_ach.users.services import system_user
from tests.batches.town import CUT_OFF, MONDAY, NOON, TUESDAY, WEDNESDAY, Town, statuses
from tests.factories import (
    BankAccountFactory,
    BankProfileFactory,
    LeaseFactory,
    PropertyFactory,
    WindowFactory,
    primary_tenant,
)
from tests.tenants.test_parallel import at_once

LEFT_BEHIND = (Order, Payment, Batch, Entry, BankFile, Case)


def make_town():
    profile = BankProfileFactory()
    funds = {f"{kind}_fund__company__profile": profile for kind in ("operating", "deposit")}
    home = PropertyFactory(rollout=Rollout.SHADOW, **funds)
    return Town(None, WindowFactory(profile=profile), home)


@pytest.fixture
def town(db):
    return make_town()


def payer(town, *, cents=1000_00, day=3):
    """Autopay of the whole balance on the day, and a charge that falls due then."""
    lease = LeaseFactory(unit__property=town.home)
    tenant = primary_tenant(lease)
    account = add_bank_account(
        tenant=tenant,
        holder_name=tenant.name,
        routing="111000025",
        account_number=f"9900{lease.pk:06d}",
        account_type=AccountType.CHECKING,
        at=NOON,
    )
    mark_verified(account, method=VerificationMethod.SERVICE, on=MONDAY)
    mandate = sign_mandate(
        tenant=tenant,
        lease=lease,
        bank_account=account,
        channel=Channel.PAPER,
        min_cents=1,
        max_cents=5000_00,
        signed_name=tenant.name,
        at=NOON,
    )
    plan = {"mode": AutopayMode.FULL_BALANCE, "day_of_month": day, "starts_on": date(2026, 1, 1)}
    set_up_autopay(mandate=mandate, **plan)
    due_on = date(2026, 3, day)
    add_charge(lease=lease, kind=ChargeKind.RENT, cents=cents, due_on=due_on, at=NOON)
    return lease


def shadow(town, on=MONDAY, at=NOON):
    return services.run_shadow(window=town.window, on=on, at=at)


def rollout(town, mode):
    Property.objects.filter(pk=town.home.pk).update(rollout=mode)


def test_it_tells_what_would_have_been_debited(town):
    first, second = payer(town), payer(town, cents=250_00)

    (run,) = shadow(town)

    assert (run.entry_count, run.cents, run.findings) == (2, 1250_00, [])
    assert (run.effective_on, len(run.sha256)) == (TUESDAY, 64)
    told = run.lines.order_by("pk").values_list("lease_id", "cents", "purpose", "reason")
    assert list(told) == [(first.pk, 1000_00, "RENT", ""), (second.pk, 250_00, "RENT", "")]


def test_nothing_but_the_report_is_left(town):
    payer(town)
    transfers, events = Transfer.objects.count(), Event.objects.count()

    shadow(town)

    assert [model.objects.count() for model in LEFT_BEHIND] == [0] * len(LEFT_BEHIND)
    assert (Transfer.objects.count(), Event.objects.count()) == (transfers, events)


def test_a_day_is_told_once(town):
    payer(town)

    assert [len(shadow(town)), len(shadow(town))] == [1, 0]


def test_parallel_runs_tell_a_day_once(committed_db):
    town = make_town()
    payer(town)

    runs = at_once(lambda: len(shadow(town)))

    assert sum(runs) == ShadowRun.objects.count() == 1


def test_a_debit_is_told_on_one_day_only(town):
    payer(town)
    payer(town, day=4)

    shadow(town)
    (later,) = shadow(town, on=TUESDAY)

    assert [run.entry_count for run in ShadowRun.objects.order_by("pk")] == [1, 1]
    assert later.effective_on == WEDNESDAY


def test_a_day_without_debits_is_told_too(town):
    (run,) = shadow(town)

    assert (run.entry_count, run.sha256, run.findings) == (0, "", [])


def test_what_a_rule_would_hold_is_left_out_with_its_reason(town):
    payer(town)
    company = town.home.operating_fund.company
    Limit.objects.create(company=company, direction=Direction.DEBIT, per_payment_cents=1)

    (run,) = shadow(town)

    assert (run.entry_count, run.excluded_count, run.excluded_cents) == (0, 1, 1000_00)
    assert "over the limit" in run.lines.get().reason


def test_a_file_that_cannot_be_written_is_a_finding(town):
    payer(town)
    town.profile.rule_overrides = {"no such rule": "off"}
    town.profile.save()

    (run,) = shadow(town)

    assert (run.sha256, len(run.findings)) == ("", 1)
    assert "rule overrides" in run.findings[0]


def test_an_entry_that_cannot_be_written_is_a_finding_and_left_out(town):
    payer(town)
    spoilt = payer(town)
    lost = BankAccountFactory(tenant=primary_tenant(spoilt))
    Mandate.objects.filter(lease=spoilt).update(bank_account=lost)

    (run,) = shadow(town)

    assert (run.entry_count, run.excluded_count) == (1, 1)
    assert run.findings == [f"lease {spoilt}: the vault does not open its account number"]


def test_a_pilots_named_leases_are_debited_and_the_others_told(town):
    named, other = payer(town), payer(town)
    rollout(town, Rollout.PILOT)
    PilotLease.objects.create(lease=named, named_by=system_user(), named_at=NOON)

    run_autopay(on=MONDAY, at=NOON)
    (run,) = shadow(town)

    assert Payment.objects.get().lease == named
    assert run.lines.get().lease == other


@pytest.mark.parametrize("mode", [Rollout.DISABLED, Rollout.LIVE])
def test_there_is_no_shadow_of_the_disabled_and_the_live(town, mode):
    payer(town)
    rollout(town, mode)

    assert shadow(town) == []


def test_it_is_too_late_after_the_cut_off(town):
    with pytest.raises(services.PastCutOff):
        shadow(town, at=CUT_OFF)


@pytest.mark.parametrize("mode", [Rollout.DISABLED, Rollout.SHADOW])
def test_autopay_asks_for_nothing_where_nothing_is_live(town, mode):
    payer(town)
    rollout(town, mode)

    assert run_autopay(on=MONDAY, at=NOON) == []


@pytest.mark.parametrize("mode", [Rollout.DISABLED, Rollout.SHADOW])
def test_nobody_pays_now_where_nothing_is_live(town, mode):
    rollout(town, mode)

    with pytest.raises(NotLive) as refused:
        town.debit()

    assert refused.value.field == "lease"


def test_what_was_planned_before_a_stop_is_held_and_joins_no_batch(town):
    rollout(town, Rollout.LIVE)
    town.debit()
    rollout(town, Rollout.DISABLED)

    assert town.build() == []
    assert statuses() == ["HELD"]
    assert "DISABLED" in Case.objects.get().summary


def test_what_was_approved_before_a_stop_is_ejected(town):
    rollout(town, Rollout.LIVE)
    town.debit()
    town.approved()
    rollout(town, Rollout.SHADOW)

    assert town.freeze() is None
    assert statuses() == ["HELD"]


def test_what_is_frozen_runs_its_course(town):
    rollout(town, Rollout.LIVE)
    town.debit()
    town.frozen()
    rollout(town, Rollout.DISABLED)

    assert Entry.objects.filter(status=EntryStatus.FROZEN).update(status=EntryStatus.SENT) == 1


@pytest.mark.parametrize("mode", [Rollout.DISABLED, Rollout.SHADOW, Rollout.PILOT])
def test_the_database_freezes_no_entry_that_is_not_live(town, mode):
    rollout(town, Rollout.LIVE)
    town.debit()
    town.build()
    rollout(town, mode)
    frozen = {"status": "FROZEN", "trace": "1", "trace_serial": 1, "line": 1}

    with pytest.raises(DatabaseError, match="of a lease that is"), transaction.atomic():
        Entry.objects.update(**frozen)

    rollout(town, Rollout.LIVE)
    assert Entry.objects.update(**frozen) == 1
