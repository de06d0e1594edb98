from datetime import timedelta
from typing import Any

from django.conf import settings

from housing_ach.audit.commands import ActingCommand
from housing_ach.clock import services as clock
from housing_ach.sandbox import log_ins, programs, staff
from housing_ach.sandbox.payers import EVERYDAY, SHOWN_FATES
from housing_ach.sandbox.simulation import Plan, run
from housing_ach.tenants.models import Property

DAYS = 90
LEASES = 60
SEED = 7


class Command(ActingCommand):
    help = "Fill an empty sandbox with 90 days of 60 leases ending now, and print the log-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Property.objects.exists():
            plan = Plan(
                seed=SEED,
                leases=LEASES,
                days=DAYS,
                start=clock.today() - timedelta(days=DAYS - 1),
                until=clock.now(),
                fates=SHOWN_FATES[:EVERYDAY],
            )
            run(plan, folder=settings.SANDBOX_BANK_DIR, through_worker=False, out=self.stdout)
            clock.follow_wall_time()
        log_ins.let_in()
        programs.let_in(at=clock.now())
        for email, _, role in staff.LOG_INS:
            self.stdout.write(f"{email:<24} {role.lower():<8} {staff.PASSWORD}")
        for email, pays in log_ins.TENANTS:
            self.stdout.write(f"{email:<24} tenant   {staff.PASSWORD} ({pays})")
