"""What each return code makes us do: data a banker can read (docs/returns.md says it in sentences).

Meaning, return window and rate class of a code are `nacha.codes.RETURN_CODES`.
"""

from dataclasses import dataclass
from enum import StrEnum

from housing_ach.cases.states import CaseKind
from housing_ach.nacha.codes import RETURN_CODES, ReturnClass
from housing_ach.returns.states import Action

# Banking days from the return to the retry; how often and how long is `payments.plan_retry`'s to say.
RETRY_AFTER = 3


class Effect(StrEnum):
    """What a return does to the permission. All but NONE hold what is planned on it."""

    NONE = "NONE"
    BLOCK_MANDATE = "BLOCK_MANDATE"
    REVOKE_MANDATE = "REVOKE_MANDATE"
    BLOCK_ACCOUNT = "BLOCK_ACCOUNT"
    CLOSE_ACCOUNT = "CLOSE_ACCOUNT"
    BLOCK_PAYER = "BLOCK_PAYER"


@dataclass(frozen=True, slots=True)
class Policy:
    """`fix` is what the Case suggests to a person; a RETRY opens one only when no retry is left."""

    code: str
    action: Action
    effect: Effect
    fix: str

    @property
    def meaning(self) -> str:
        known = RETURN_CODES.get(self.code)
        return known.meaning if known else "a reason nobody has published"

    @property
    def unauthorised(self) -> bool:
        known = RETURN_CODES.get(self.code)
        return known is not None and known.rate == ReturnClass.UNAUTHORISED

    @property
    def retried(self) -> bool:
        """Nacha lets an entry be reinitiated unasked only after R01 and R09 (Rules 2.12.4)."""
        return self.action == Action.RETRY

    @property
    def fee_allowed(self) -> bool:
        """A return fee entry may follow only insufficient or uncollected funds (Rules 2.14)."""
        return self.action == Action.RETRY

    @property
    def case(self) -> CaseKind:
        # R11 was authorized: a corrected entry needs no new permission.
        if self.unauthorised and self.action == Action.STOP:
            return CaseKind.UNAUTHORISED
        return CaseKind.RETURNED


_TABLE = """
R01|RETRY |NONE          |no retry is left: agree with the tenant how it is paid
R02|STOP  |CLOSE_ACCOUNT |ask the tenant for another account and a new authorization
R03|FIX   |BLOCK_ACCOUNT |ask the tenant for the account holder's name and number as the bank has them
R04|FIX   |BLOCK_ACCOUNT |ask the tenant for the right account number
R05|STOP  |BLOCK_MANDATE |a consumer account was debited as a business: sign a WEB or PPD authorization
R06|INFO  |NONE          |our bank asked for it back: see its request
R07|STOP  |REVOKE_MANDATE|the tenant revoked: agree on another way to pay
R08|STOP  |NONE          |the tenant stopped this payment: send it again only with his separate consent
R09|RETRY |NONE          |no retry is left: agree with the tenant how it is paid
R10|STOP  |BLOCK_ACCOUNT |gather the authorization as proof; nothing may be sent before a new one
R11|FIX   |NONE          |find what differed from the authorization, then send a corrected entry within 60 days
R12|FIX   |BLOCK_ACCOUNT |the branch was sold: ask the tenant for the new routing number
R13|FIX   |BLOCK_ACCOUNT |the routing number takes no ACH: ask the tenant for another
R14|STOP  |BLOCK_PAYER   |the payee's representative has died: write to the estate, send no reminders
R15|STOP  |BLOCK_PAYER   |the account holder has died: write to the estate, send no reminders
R16|STOP  |BLOCK_ACCOUNT |the account is frozen: compliance reviews it before anything else is sent
R17|STOP  |BLOCK_ACCOUNT |review for fraud, first when the information says QUESTIONABLE
R18|FIX   |NONE          |our effective date was outside the window: report it as a fault of ours
R19|FIX   |NONE          |our amount field was wrong: report it as a fault of ours
R20|STOP  |BLOCK_ACCOUNT |the account takes no debits: ask the tenant for another
R21|FIX   |NONE          |correct our company id with the bank
R22|FIX   |NONE          |correct the individual id with the bank
R23|CREDIT|NONE          |the receiver refused the credit: pay another way
R24|INFO  |NONE          |compare with the file sent before; do not send it again
R25|FIX   |NONE          |our addenda were wrong: report it as a fault of ours
R26|FIX   |NONE          |a mandatory field was wrong: report it as a fault of ours
R27|FIX   |NONE          |our trace number was wrong: report it as a fault of ours
R28|FIX   |BLOCK_ACCOUNT |the routing number's check digit is wrong: ask the tenant for the right one
R29|STOP  |BLOCK_ACCOUNT |gather the authorization as proof; nothing may be sent before a new one
R30|INFO  |NONE          |meant for cheques: ask the bank
R31|INFO  |NONE          |our bank agreed to it: see its consent
R32|INFO  |NONE          |the receiving bank cannot settle: wait, or ask the tenant for another account
R33|INFO  |NONE          |meant for cheques: ask the bank
R34|STOP  |BLOCK_ACCOUNT |the receiving bank takes no such entries: ask the tenant for another account
R35|FIX   |NONE          |a debit where none is allowed: report it as a fault of ours
R36|FIX   |NONE          |a credit where none is allowed: report it as a fault of ours
R37|INFO  |NONE          |meant for cheques: ask the bank
R38|INFO  |NONE          |meant for cheques: ask the bank
R39|INFO  |NONE          |meant for cheques: ask the bank
R40|INFO  |NONE          |meant for enrolments: ask the bank
R41|INFO  |NONE          |meant for enrolments: ask the bank
R42|INFO  |NONE          |meant for enrolments: ask the bank
R43|INFO  |NONE          |meant for enrolments: ask the bank
R44|INFO  |NONE          |meant for enrolments: ask the bank
R45|INFO  |NONE          |meant for enrolments: ask the bank
R46|INFO  |NONE          |meant for enrolments: ask the bank
R47|INFO  |NONE          |meant for enrolments: ask the bank
R50|INFO  |NONE          |meant for cheques: ask the bank
R51|STOP  |BLOCK_ACCOUNT |gather the authorization as proof; nothing may be sent before a new one
R52|INFO  |NONE          |meant for cheques: ask the bank
R53|INFO  |NONE          |meant for cheques: ask the bank
R80|INFO  |NONE          |meant for international entries: ask the bank
R81|INFO  |NONE          |meant for international entries: ask the bank
R82|INFO  |NONE          |meant for international entries: ask the bank
R83|INFO  |NONE          |meant for international entries: ask the bank
R84|INFO  |NONE          |meant for international entries: ask the bank
R85|INFO  |NONE          |meant for international entries: ask the bank
R90|STOP  |BLOCK_ACCOUNT |sanctions: compliance reviews it before anything else is sent
"""


def _row(line: str) -> Policy:
    code, action, effect, fix = (cell.strip() for cell in line.split("|"))
    return Policy(code, Action(action), Effect(effect), fix)


POLICY: dict[str, Policy] = {
    policy.code: policy for policy in map(_row, filter(None, _TABLE.split("\n")))
}


def policy_of(code: str) -> Policy:
    """The money is taken back whatever the code; one nobody knows stops nothing and retries nothing."""
    return POLICY.get(code) or Policy(code, Action.INFO, Effect.NONE, "ask the bank what it means")
