from housing_ach.tenants.services.charges import (
    BadCharge,
    ExternalIdTaken,
    NoPayer,
    add_charge,
    raise_charges,
)
from housing_ach.tenants.services.parties import (
    FixedByBooks,
    NameTaken,
    put_lease,
    put_property,
    put_tenant,
    put_unit,
)
from housing_ach.tenants.services.policies import (
    BadPolicy,
    NotOffered,
    PolicyTerms,
    require_offered,
    set_policy,
)
from housing_ach.tenants.services.roles import (
    ConflictingRoles,
    NoProperty,
    OwnRole,
    end_membership,
    give_membership,
)
from housing_ach.tenants.services.rollout import (
    NotLive,
    NotReady,
    end_pilot,
    name_pilot,
    refuse_unless_live,
    require_live,
    set_rollout,
)
from housing_ach.tenants.services.set_up import NotAllowed, require_administrator
from housing_ach.tenants.services.shares import BadShares, change_shares

__all__ = [
    "BadCharge",
    "BadPolicy",
    "BadShares",
    "ConflictingRoles",
    "ExternalIdTaken",
    "FixedByBooks",
    "NameTaken",
    "NoPayer",
    "NoProperty",
    "NotAllowed",
    "NotLive",
    "NotOffered",
    "NotReady",
    "OwnRole",
    "PolicyTerms",
    "add_charge",
    "change_shares",
    "end_membership",
    "end_pilot",
    "give_membership",
    "name_pilot",
    "put_lease",
    "put_property",
    "put_tenant",
    "put_unit",
    "raise_charges",
    "refuse_unless_live",
    "require_administrator",
    "require_live",
    "require_offered",
    "set_policy",
    "set_rollout",
]
