from housing_ach.tenants.services.charges import (
    BadCharge,
    ExternalIdTaken,
    NoPayer,
    add_charge,
    raise_charges,
)
from housing_ach.tenants.services.shares import BadShares, change_shares

__all__ = [
    "BadCharge",
    "BadShares",
    "ExternalIdTaken",
    "NoPayer",
    "add_charge",
    "change_shares",
    "raise_charges",
]
