from housing_ach.erp.services.planning import plan_postings
from housing_ach.erp.services.posting import post_again, post_waiting
from housing_ach.erp.services.selftest import selftest
from housing_ach.erp.services.targets import (
    BadTarget,
    add_target,
    map_account,
    map_accounts,
    set_active,
    set_line,
)
from housing_ach.erp.services.totals import DayTotal, check_totals, day_totals

__all__ = [
    "BadTarget",
    "DayTotal",
    "add_target",
    "check_totals",
    "day_totals",
    "map_account",
    "map_accounts",
    "plan_postings",
    "post_again",
    "post_waiting",
    "selftest",
    "set_active",
    "set_line",
]
