"""Files as a housing system writes them, and the acks it reads."""

import csv
from datetime import date, datetime
from typing import NamedTuple

from housing_ach import nacha
from housing_ach.api.drop.apply import apply_waiting
from housing_ach.api.drop.store import ack_of, take
from housing_ach.mandates.services import add_bank_account, mark_verified
from housing_ach.mandates.states import AccountType, VerificationMethod
from tests.factories import AT, LeaseShareFactory, MandateFactory
from tests.payments.story import owe

COLUMNS = ("external_id", "tenant", "lease", "mandate", "amount", "currency", "effective_date")
ROUTING = "111000025"


class Ack(NamedTuple):
    head: dict[str, list[str]]
    rows: list[dict[str, str]]

    @property
    def fates(self):
        return [row["fate"] for row in self.rows]

    @property
    def codes(self):
        return [row["code"] for row in self.rows]


def row_of(mandate, /, **other):
    return {
        "external_id": f"march-{mandate.pk}",
        "tenant": mandate.tenant.external_id,
        "lease": mandate.lease.external_id,
        "mandate": mandate.pk,
        "amount": 1000_00,
        "currency": "USD",
        "effective_date": "2026-03-03",
    } | other


def csv_of(rows, *, columns=COLUMNS, count=None, cents=None):
    """With a true control row, unless told."""
    total = sum(row["amount"] for row in rows) if cents is None else cents
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    lines.append(("#control", len(rows) if count is None else count, total))
    return "".join(",".join(str(cell) for cell in line) + "\n" for line in lines).encode()


def payer(mandate):
    return f"L{mandate.lease_id:07}T{mandate.tenant_id:06}"


def entry(mandate, number, /, **other):
    return nacha.EntrySpec(
        **{
            "transaction_code": "27",
            "routing": ROUTING,
            "account": number,
            "cents": 1000_00,
            "individual_id": payer(mandate),
            "name": "A TENANT",
            "trace": f"11100002{mandate.pk:07}",
        }
        | other
    )


def nacha_of(*entries, sec="PPD", service="225"):
    batch = nacha.BatchSpec(
        service_class=service,
        company_name="HOUSING",
        company_id="1234567890",
        sec_code=sec,
        description="RENT",
        effective_on=date(2026, 3, 3),
        odfi="11100002",
        number=1,
        entries=entries,
    )
    spec = nacha.FileSpec(
        immediate_destination=ROUTING,
        immediate_origin="1234567890",
        creation_on=date(2026, 3, 1),
        creation_time="0900",
        modifier="A",
        destination_name="BANK",
        origin_name="HOUSING",
        batches=[batch],
    )
    return nacha.write(spec)


def dropped(client, name, content, *, at: datetime = AT):
    """What the ack says once the worker has been by."""
    take(client.client_id, name, content, at=at)
    apply_waiting(at=at)
    return ack(client, name)


def ack(client, name):
    return read(ack_of(client.client_id, name))


def read(content: bytes) -> Ack:
    lines = list(csv.reader(content.decode().splitlines()))
    head = {line[0]: line[1:] for line in lines if line and line[0].startswith("#")}
    columns, *rows = lines[len(head) :]
    return Ack(head, [dict(zip(columns, row, strict=True)) for row in rows])


def payer_of_known_number(number):
    """A mandate on an account whose number the vault has, and a month's rent owed."""
    share = LeaseShareFactory()
    account = add_bank_account(
        tenant=share.tenant,
        holder_name="Ada Fern",
        routing=ROUTING,
        account_number=number,
        account_type=AccountType.CHECKING,
        at=AT,
    )
    mark_verified(account, method=VerificationMethod.MANUAL, on=AT.date())
    owe(share.lease)
    return MandateFactory(tenant=share.tenant, lease=share.lease, bank_account=account)
