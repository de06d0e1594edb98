from datetime import date, timedelta

import pytest
from django.db.models import Sum

from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Key
from housing_ach.ledger.models import Journal
from housing_ach.ledger.selectors import balance, trial_balance
from housing_ach.tenants.models import Charge, ChargeShare
from housing_ach.tenants.services import change_shares, raise_charges
from housing_ach.tenants.states import ChargeKind
from tests.factories import (
    AT,
    ChargeScheduleFactory,
    FundFactory,
    LeaseFactory,
    LeaseShareFactory,
    PropertyFactory,
    TenantFactory,
)

pytestmark = pytest.mark.django_db


def charge_on(on):
    return raise_charges(on=on, at=AT)


def schedule(*, starts_on=date(2026, 3, 1), ends_on=None, **fields):
    lease = LeaseFactory(starts_on=starts_on, ends_on=ends_on)
    return ChargeScheduleFactory(lease=lease, **fields)


def due_days():
    return list(Charge.objects.order_by("due_on").values_list("due_on", "cents"))


def test_a_charge_is_raised_as_many_days_ahead_as_the_property_says():
    schedule()

    early, in_time = charge_on(date(2026, 2, 16)), charge_on(date(2026, 2, 17))

    assert (early, in_time) == (0, 1)
    assert Charge.objects.get().due_on == date(2026, 3, 1)


def test_a_charge_is_posted_on_its_due_date():
    rent = schedule()

    charge_on(date(2026, 2, 17))

    share = ChargeShare.objects.get()
    journal = Journal.objects.get()
    transfer = journal.transfers.get()
    fund, home = rent.lease.unit.property.operating_fund_id, rent.lease.unit.property.party
    assert journal.effective_on == date(2026, 3, 1)
    assert transfer.reference == f"charge:{share.charge_id}:share:{share.pk}"
    assert transfer.debit.key == Key(fund, "1200", share.tenant.party, rent.lease_id)
    assert transfer.credit.key == Key(fund, "4000", home)


@pytest.mark.parametrize(
    ("kind", "owed", "income"),
    [
        (ChargeKind.RENT, "1200", "4000"),
        (ChargeKind.SERVICE_FEE, "1200", "4100"),
        (ChargeKind.UTILITY, "1200", "4100"),
        (ChargeKind.NSF_FEE, "1200", "4110"),
        (ChargeKind.DEPOSIT, "1210", "2110"),
    ],
)
def test_the_kind_decides_fund_and_accounts(kind, owed, income):
    line = schedule(kind=kind)
    home = line.lease.unit.property
    fund = home.deposit_fund if kind == ChargeKind.DEPOSIT else home.operating_fund

    charge_on(date(2026, 3, 1))

    assert trial_balance(fund.pk) == {owed: 1000_00, income: -1000_00}


def test_running_again_raises_nothing():
    schedule()

    charge_on(date(2026, 3, 20))

    assert charge_on(date(2026, 3, 20)) == 0
    assert Charge.objects.count() == 2


def test_days_on_which_nobody_ran_are_made_up_for():
    schedule()

    charge_on(date(2026, 6, 1))

    assert [on.month for on, _ in due_days()] == [3, 4, 5, 6]


def test_the_first_month_owes_the_days_it_covers():
    schedule(starts_on=date(2026, 3, 10))

    charge_on(date(2026, 3, 31))

    # 22 of March's 31 days of 1,000.00; it falls due on the day it begins.
    assert due_days() == [(date(2026, 3, 10), 709_68), (date(2026, 4, 1), 1000_00)]


def test_the_last_month_owes_the_days_it_covers():
    schedule(ends_on=date(2026, 4, 10))

    charge_on(date(2026, 12, 31))

    # 10 of April's 30 days.
    assert due_days() == [(date(2026, 3, 1), 1000_00), (date(2026, 4, 1), 333_33)]


def test_a_tenancy_within_one_month_owes_its_own_days():
    schedule(starts_on=date(2026, 2, 5), ends_on=date(2026, 2, 11))

    charge_on(date(2026, 12, 31))

    assert due_days() == [(date(2026, 2, 5), 250_00)]


def test_february_of_a_leap_year_has_twenty_nine_days():
    schedule(starts_on=date(2028, 2, 1), ends_on=date(2028, 2, 28), cents=2900)

    charge_on(date(2028, 2, 1))

    assert due_days() == [(date(2028, 2, 1), 2800)]


@pytest.mark.parametrize(("cents", "owed"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_half_a_cent_goes_to_the_even_cent(cents, owed):
    schedule(starts_on=date(2026, 4, 16), ends_on=date(2026, 4, 30), cents=cents)

    charge_on(date(2026, 4, 30))

    assert sum(cents for _, cents in due_days()) == owed


def test_the_31st_is_the_last_day_of_a_short_month():
    schedule(day_of_month=31, starts_on=date(2026, 1, 1), ends_on=date(2026, 4, 30))

    charge_on(date(2026, 12, 31))

    assert [on for on, _ in due_days()] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_a_charge_never_falls_due_after_the_tenancy():
    schedule(day_of_month=25, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 7))

    charge_on(date(2026, 12, 31))

    assert due_days() == [(date(2026, 1, 25), 1000_00), (date(2026, 2, 7), 250_00)]


def test_a_new_rent_follows_the_old_one_within_a_month():
    old = schedule()
    old.ends_on = date(2026, 4, 15)
    old.save()
    ChargeScheduleFactory(lease=old.lease, cents=1200_00, starts_on=date(2026, 4, 16))

    charge_on(date(2026, 4, 19))

    assert due_days()[1:] == [
        (date(2026, 4, 1), 500_00),
        (date(2026, 4, 16), 600_00),
        (date(2026, 5, 1), 1200_00),
    ]


def test_a_schedule_older_than_its_lease_waits_for_it():
    lease = LeaseFactory(starts_on=date(2026, 3, 17))
    ChargeScheduleFactory(lease=lease, cents=3100, starts_on=date(2026, 1, 1))

    charge_on(date(2026, 3, 17))

    assert due_days() == [(date(2026, 3, 17), 1500)]


def test_a_schedule_outside_its_lease_owes_nothing():
    lease = LeaseFactory(starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 10))
    ChargeScheduleFactory(lease=lease, starts_on=date(2026, 1, 20))

    assert charge_on(date(2026, 12, 31)) == 0


def share_cents():
    return list(ChargeShare.objects.order_by("pk").values_list("tenant__name", "cents"))


def three_tenants():
    lease = LeaseFactory(starts_on=date(2026, 3, 1), share=None)
    for name, is_primary in (("Ada", False), ("Bea", True), ("Cy", False)):
        tenant = TenantFactory(name=name)
        LeaseShareFactory(lease=lease, tenant=tenant, is_primary=is_primary)
    return lease


def test_the_odd_cents_are_the_primary_tenants():
    ChargeScheduleFactory(lease=three_tenants(), cents=1001)

    charge_on(date(2026, 3, 1))

    assert share_cents() == [("Bea", 335), ("Ada", 333), ("Cy", 333)]


def test_a_tenant_whose_part_is_no_cent_owes_nothing():
    ChargeScheduleFactory(lease=three_tenants(), cents=2)

    charge_on(date(2026, 3, 1))

    assert share_cents() == [("Bea", 2)]


def test_shares_are_those_in_force_on_the_due_date():
    lease = three_tenants()
    ChargeScheduleFactory(lease=lease, cents=900)
    dot, ada = TenantFactory(name="Dot"), lease.shares.get(tenant__name="Ada").tenant
    change_shares(lease, weights={dot: 2, ada: 1}, from_on=date(2026, 4, 1))

    charge_on(date(2026, 4, 1))

    assert share_cents() == [("Bea", 300), ("Ada", 300), ("Cy", 300), ("Dot", 600), ("Ada", 300)]


def test_a_lease_nobody_pays_for_gets_a_case_and_stops_no_other():
    empty = LeaseFactory(starts_on=date(2026, 3, 1), share=None)
    ChargeScheduleFactory(lease=empty)
    schedule()

    raised = charge_on(date(2026, 3, 1))
    charge_on(date(2026, 3, 1))

    case = Case.objects.get()
    assert raised == 1
    assert (case.kind, case.subject, case.subject_id) == (
        CaseKind.NO_PAYER,
        "tenants.lease",
        str(empty.pk),
    )
    assert case.cents == 1000_00


def test_the_charge_nobody_paid_for_is_raised_once_somebody_does():
    empty = LeaseFactory(starts_on=date(2026, 3, 1), share=None)
    ChargeScheduleFactory(lease=empty)
    charge_on(date(2026, 3, 1))

    LeaseShareFactory(lease=empty)

    assert charge_on(date(2026, 3, 2)) == 1


def test_what_comes_after_the_books_closed_is_posted_on_the_first_open_day():
    home = PropertyFactory(operating_fund=FundFactory(closed_through=date(2026, 3, 31)))
    lease = LeaseFactory(unit__property=home, starts_on=date(2026, 3, 1))
    ChargeScheduleFactory(lease=lease)

    charge_on(date(2026, 3, 15))

    assert Charge.objects.get().due_on == date(2026, 3, 1)
    assert Journal.objects.get().effective_on == date(2026, 4, 1)


def test_a_thousand_leases_take_as_many_statements_as_one(django_assert_max_num_queries):
    home = PropertyFactory()
    lease = LeaseFactory(unit__property=home, starts_on=date(2026, 3, 1))
    for days in range(300):
        ChargeScheduleFactory(lease=lease, starts_on=lease.starts_on + timedelta(days=days % 28))

    with django_assert_max_num_queries(14):
        raised = charge_on(date(2026, 4, 1))

    owed = Charge.objects.aggregate(total=Sum("cents"))["total"]
    assert raised == Charge.objects.count() >= 600
    assert balance(Key(home.operating_fund_id, chart.RENT_INCOME, home.party)) == -owed
