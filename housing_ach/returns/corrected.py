"""The corrected data of a notification of change as the changes an account understands.

Reading the 29 characters is `nacha.corrections`'s; here is what of it HMS-ACH applies by itself.
"""

from dataclasses import dataclass, field, fields

from housing_ach.mandates.states import AccountType
from housing_ach.nacha.codes import CORRECTION_CODES
from housing_ach.nacha.corrections import read_corrected
from housing_ach.shared.problems import Refusal

APPLIED_CODES = ("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C09")
INDIVIDUAL_ID_WIDTH = 15


class Unreadable(Refusal):
    """The corrected data say nothing that can be applied; the message shows no number."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is right from now on; None: as it was."""

    routing: str | None = None
    account_number: str | None = field(default=None, repr=False)
    account_type: AccountType | None = None
    holder_name: str | None = None
    individual_id: str | None = None

    @property
    def changes(self) -> dict[str, str]:
        named = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: str(value) for name, value in named.items() if value is not None}


def corrected(code: str, data: str) -> Corrected:
    """Raises Unreadable, which names the code and the part but shows no number."""
    known = CORRECTION_CODES.get(code)
    if known is None:
        raise Unreadable(f"{code} is no known correction code", field="change_code")
    if code not in APPLIED_CODES:
        raise Unreadable(f"{code} ({known.meaning}) is for a person to work", field="change_code")
    found = read_corrected(code, data)
    if found.unreadable:
        raise Unreadable(f"{code}: {found.unreadable}", field="corrected_data")
    individual_id = found.changes.get("individual_id")
    if individual_id and len(individual_id) > INDIVIDUAL_ID_WIDTH:
        raise Unreadable(f"{code}: the id does not fit into an entry", field="corrected_data")
    return Corrected(
        routing=found.changes.get("routing"),
        account_number=found.changes.get("account"),
        account_type=_account_type(code, found.changes.get("account_type")),
        holder_name=found.changes.get("name"),
        individual_id=individual_id,
    )


def _account_type(code: str, told: str | None) -> AccountType | None:
    if told is None:
        return None
    if told not in AccountType.values:
        raise Unreadable(
            f"{code}: the account is neither checking nor savings", field="corrected_data"
        )
    return AccountType(told)
