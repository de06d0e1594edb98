"""The pictures that README and docs show, of one moment of the made-up organisation: the same each time.

It is half past noon of the day after rent was taken: debits have settled, the first came back, and a
batch waits for its second pair of eyes. Import this once Django is set up.
"""

import sys
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import NamedTuple

from django.core.management.base import OutputWrapper

from bin.measuring.looking import cookie_of
from housing_ach.audit.acting import acting
from housing_ach.batches.models import Batch
from housing_ach.batches.states import BatchStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.celery import app
from housing_ach.clock.services import advance
from housing_ach.mandates.models import Autopay
from housing_ach.sandbox import log_ins
from housing_ach.sandbox.management.commands.demo import DAYS, LEASES, SEED
from housing_ach.sandbox.payers import EVERYDAY, SHOWN_FATES
from housing_ach.sandbox.simulation import Plan, run
from housing_ach.shared.business_days import new_york_at
from housing_ach.tenants.models import Property
from housing_ach.users.models import User

ON = date(2026, 4, 2)
LIVED_TO, NOON = time(9, 15), time(12, 30)
AT_NOON = ("payments.tasks.run_autopay", "batches.tasks.build_batches")
PHONE, DESKTOP, TALL = (390, 844), (1440, 900), (1440, 1240)


class Shown(NamedTuple):
    name: str
    path: str
    cookie: str
    size: tuple[int, int]


def live(folder: Path) -> None:
    """What `demo` lives, up to the moment of the pictures."""
    plan = Plan(
        seed=SEED,
        leases=LEASES,
        days=DAYS,
        start=ON - timedelta(days=DAYS - 1),
        until=new_york_at(ON, LIVED_TO),
        fates=SHOWN_FATES[:EVERYDAY],
    )
    with acting("command:pictures"):
        run(plan, folder=folder, through_worker=False, out=OutputWrapper(sys.stdout))
        advance(new_york_at(ON, NOON))
        for task in AT_NOON:
            app.tasks[f"housing_ach.{task}"]()
        log_ins.let_in()


def pages() -> Iterator[Shown]:
    tenant = cookie_of(User.objects.get(email=log_ins.WITH_AUTOPAY))
    renter = cookie_of(User.objects.get(email=log_ins.WITHOUT))
    finance = cookie_of(User.objects.get(email="controller@example.org"))
    admin = cookie_of(User.objects.get(email="admin@example.org"))
    plan = Autopay.objects.get(tenant__user__email=log_ins.WITH_AUTOPAY, ends_on=None)
    draft = Batch.objects.filter(status=BatchStatus.DRAFT).order_by("-cents")[0]
    settled = Batch.objects.filter(status=BatchStatus.SETTLED).order_by("-settled_on", "-cents")[0]
    returned = Case.objects.filter(kind=CaseKind.RETURNED, status=CaseStatus.OPEN).latest("pk")
    home = Property.objects.order_by("pk")[0]
    for name, path in {
        "tenant-home": "/",
        "tenant-autopay": "/autopay/",
        "tenant-skip": f"/autopay/{plan.pk}/skip/",
        "tenant-payments": "/payments/",
    }.items():
        yield Shown(name, path, tenant, PHONE)
    yield Shown("tenant-set-up", "/autopay/set-up/amount/", renter, PHONE)
    yield Shown("desk-overview", "/desk/", finance, TALL)
    yield Shown("desk-exceptions", f"/desk/exceptions/{returned.pk}/", finance, TALL)
    for name, path in {
        "desk-approve": f"/desk/batches/{draft.pk}/approve/",
        "desk-batch": f"/desk/batches/{settled.pk}/",
        "desk-reports": "/desk/reports/",
        "desk-help": "/desk/help/",
        "status": "/desk/status/",
    }.items():
        yield Shown(name, path, finance, DESKTOP)
    yield Shown("desk-property", f"/desk/properties/{home.pk}/", admin, DESKTOP)
