from housing_ach.tenants.services.charges import (
    BadCharge,
    ExternalIdTaken,
    NoPayer,
    add_charge,
    raise_charges,
)
from housing_ach.tenants.services.people import (
    BadSetUp,
    add_lease,
    add_property,
    add_schedule,
    add_tenant,
    add_unit,
    change_shares,
)

__all__ = [
    "BadCharge",
    "BadSetUp",
    "ExternalIdTaken",
    "NoPayer",
    "add_charge",
    "add_lease",
    "add_property",
    "add_schedule",
    "add_tenant",
    "add_unit",
    "change_shares",
    "raise_charges",
]
