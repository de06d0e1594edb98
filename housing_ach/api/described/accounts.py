from housing_ach.api.described.base import (
    CENTS,
    CURRENCY,
    DAY,
    FLAG,
    ID,
    INSTANT,
    LAST_FOUR,
    TEXT,
    UUID,
    Operation,
    Subject,
    array,
    listed,
    lower,
    maybe,
    one,
    page,
    part,
    record,
)
from housing_ach.api.serializers.accounts import (
    AmountsSerializer,
    BankAccountSerializer,
    VerifySerializer,
)
from housing_ach.api.serializers.mandates import MandateSerializer
from housing_ach.api.serializers.money import ReasonSerializer
from housing_ach.mandates.states import (
    AccountStatus,
    AccountType,
    Channel,
    MandateStatus,
    Roll,
    VerificationMethod,
    VerificationStatus,
)

ACCOUNT = record(
    "bank_account",
    token=UUID,
    tenant=TEXT,
    account_type=lower(AccountType.values),
    last_four=maybe(LAST_FOUR),
    status=lower(AccountStatus.values),
    verification=lower(VerificationStatus.values),
    verified_by=maybe(lower(VerificationMethod.values)),
    verified_on=maybe(DAY),
    version={"type": "integer", "minimum": 1},
    created_at=INSTANT,
)
MANDATE = record(
    "mandate",
    tenant=TEXT,
    lease=TEXT,
    bank_account=UUID,
    status=lower(MandateStatus.values),
    channel=lower(Channel.values),
    sec_code=TEXT,
    text_version=TEXT,
    recurring=FLAG,
    min_amount=CENTS,
    max_amount=CENTS,
    currency=CURRENCY,
    roll=lower(Roll.values),
    signed_at=INSTANT,
    revoked_at=maybe(INSTANT),
)
REVOKED = part(**MANDATE["properties"], cancelled=array(ID), under_way=array(ID))
MANDATE_TEXT = record("mandate_text", version=TEXT, language=TEXT, body=TEXT, sha256=TEXT)
SUBJECT = Subject(
    "Bank accounts and permissions",
    {
        ("BankAccountsView", "GET"): listed("bank accounts of a tenant", "BankAccounts"),
        ("BankAccountsView", "POST"): Operation(
            "Take in a bank account",
            {201: "BankAccount"},
            (BankAccountSerializer,),
            "The number is sealed and never told again; its token stands for it.",
            {
                "holder_name": "Ada Lovelace",
                "routing": "111000025",
                "account_number": "9900000017",
                "account_type": "checking",
            },
        ),
        ("BankAccountView", "GET"): one("a bank account", "BankAccount"),
        ("BankAccountView", "DELETE"): Operation(
            "Close a bank account and its permissions", {200: "BankAccount"}
        ),
        ("VerifyView", "POST"): Operation(
            "Have a bank account verified",
            {202: "BankAccount"},
            (VerifySerializer,),
            example={"method": "micro_deposits", "lease": "l-9"},
        ),
        ("ConfirmView", "POST"): Operation(
            "Confirm the two micro-deposits",
            {200: "BankAccount"},
            (AmountsSerializer,),
            example={"amounts": [7, 31]},
        ),
        ("MandateTextsView", "GET"): listed("texts payers agree to", "MandateTexts"),
        ("MandatesView", "GET"): listed("permissions to debit", "Mandates"),
        ("MandatesView", "POST"): Operation(
            "Record a permission to debit",
            {201: "Mandate"},
            (MandateSerializer,),
            example={
                "tenant": "t-17",
                "lease": "l-9",
                "bank_account": "3f0c4b52-6d0e-4b0f-9d55-0f5b7f6f3f10",
                "text_version": "2026-01",
                "channel": "paper",
                "max_amount": 200000,
                "currency": "USD",
                "evidence": {"signed_name": "Ada Lovelace", "signed_at": "2026-03-01T15:00:00Z"},
            },
        ),
        ("MandateView", "GET"): one("a permission to debit", "Mandate"),
        ("RevokeView", "POST"): Operation(
            "Take back a permission to debit",
            {200: "RevokedMandate"},
            (ReasonSerializer,),
            example={"reason": "The tenant asked for it"},
        ),
    },
    {
        "BankAccount": ACCOUNT,
        "BankAccounts": page("BankAccount"),
        "Mandate": MANDATE,
        "Mandates": page("Mandate"),
        "RevokedMandate": REVOKED,
        "MandateText": MANDATE_TEXT,
        "MandateTexts": page("MandateText"),
    },
)
