"""The chart of accounts: one set per fund; the number is the field's, the name is what a report prints."""

BANK = "1000"
IN_TRANSIT = "1100"
RETURNS_TO_BE_CHARGED = "1110"
TENANT_RECEIVABLE = "1200"
DEPOSIT_RECEIVABLE = "1210"
TRUST_SHORTAGE = "1300"
FEE_TO_GIVE_BACK = "1310"
DUE_FROM = "1400"
SUSPENSE = "1900"
PAYMENTS_PENDING = "2050"
PREPAID_RENT = "2060"
UNAPPLIED_DEPOSIT = "2065"
DEPOSITS_HELD = "2100"
DEPOSITS_BILLED = "2110"
TO_TRANSFER = "2120"
DISBURSEMENTS_IN_TRANSIT = "2150"
CHEQUES_OUTSTANDING = "2160"
RETURNED_DISBURSEMENTS = "2190"
OWNER_UNCLEARED = "2290"
OWNER_PAYABLE = "2300"
FEE_TO_SWEEP = "2310"
DUE_TO = "2400"
RENT_INCOME = "4000"
FEE_INCOME = "4100"
NSF_FEE_INCOME = "4110"
BANK_FEES = "5100"
VERIFICATION_COST = "5110"

NAMES = {
    BANK: "Bank",
    IN_TRANSIT: "ACH in transit",
    RETURNS_TO_BE_CHARGED: "Returns to be charged",
    TENANT_RECEIVABLE: "Tenant receivable",
    DEPOSIT_RECEIVABLE: "Deposit receivable",
    TRUST_SHORTAGE: "Trust shortage",
    FEE_TO_GIVE_BACK: "Fee to give back",
    DUE_FROM: "Due from",
    SUSPENSE: "Suspense",
    PAYMENTS_PENDING: "Tenant payments pending",
    PREPAID_RENT: "Prepaid rent",
    UNAPPLIED_DEPOSIT: "Unapplied deposit money",
    DEPOSITS_HELD: "Security deposits held",
    DEPOSITS_BILLED: "Deposits billed, not received",
    TO_TRANSFER: "To transfer",
    DISBURSEMENTS_IN_TRANSIT: "Disbursements in transit",
    CHEQUES_OUTSTANDING: "Cheques outstanding",
    RETURNED_DISBURSEMENTS: "Returned disbursements payable",
    OWNER_UNCLEARED: "Owner funds uncleared",
    OWNER_PAYABLE: "Owner payable",
    FEE_TO_SWEEP: "Fee to sweep",
    DUE_TO: "Due to",
    RENT_INCOME: "Rent income",
    FEE_INCOME: "Fee income",
    NSF_FEE_INCOME: "NSF fee income",
    BANK_FEES: "Bank fees",
    VERIFICATION_COST: "Verification cost",
}
