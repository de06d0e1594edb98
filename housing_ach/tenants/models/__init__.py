from housing_ach.tenants.models.charges import Charge, ChargeSchedule, ChargeShare
from housing_ach.tenants.models.parties import (
    Lease,
    LeaseShare,
    Membership,
    Property,
    Tenant,
    Unit,
    VisibleQuerySet,
    sees_everything,
)
from housing_ach.tenants.models.policies import Policy
from housing_ach.tenants.models.rollouts import PilotLease, ShadowLine, ShadowRun

__all__ = [
    "Charge",
    "ChargeSchedule",
    "ChargeShare",
    "Lease",
    "LeaseShare",
    "Membership",
    "PilotLease",
    "Policy",
    "Property",
    "ShadowLine",
    "ShadowRun",
    "Tenant",
    "Unit",
    "VisibleQuerySet",
    "sees_everything",
]
