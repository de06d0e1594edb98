"""One of everything the pages for integrations show, for tests that look at all pages."""

import json
from datetime import timedelta

import asyncssh

from housing_ach.api.drop import store
from housing_ach.api.drop.apply import apply_waiting
from housing_ach.api.models import DroppedFile
from housing_ach.audit.models import Event
from housing_ach.audit.move import record
from housing_ach.erp.models import Posting, Target
from housing_ach.erp.services import add_target
from housing_ach.erp.states import Dialect, PostingStatus
from housing_ach.ledger.models import Fund
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reconciliation.services import apply_received, take
from housing_ach.reconciliation.states import Form
from housing_ach.users import proofs
from housing_ach.users.clients import Proof, approve_client, register_client
from housing_ach.users.models import Client, User
from housing_ach.users.ssh_keys import add_ssh_key, approve_ssh_key
from housing_ach.users.states import ClientAuth, Scope
from housing_ach.users.uses import note_failure, note_use
from housing_ach.webhooks.models import Attempt, Delivery, Endpoint
from housing_ach.webhooks.services import add_endpoint
from housing_ach.webhooks.states import DeliveryStatus
from tests.factories import AT, FundFactory, UserFactory

BODY = '{"id":"evt_1","type":"payment.returned","data":{"object":"payment","id":"7"}}'


def bring(*, by: User | None = None) -> None:
    """A client with a change that waits, an address it was told at, a database with a conflict."""
    client = register(by=by)
    note_use(client, address="192.0.2.7", at=AT)
    note_failure(client, "Client authentication failed", address="203.0.113.9", at=AT)
    proofs.ask_for_secret(client, by=UserFactory(), at=AT)
    for is_approved in (True, False):
        key = add_ssh_key(client, line=public_key(), by=UserFactory(), at=AT)
        if is_approved:
            approve_ssh_key(key, by=UserFactory(), at=AT)
    endpoint, _ = add_endpoint(client=client, url="https://hooks.example/ach", at=AT)
    tell(endpoint, 200)
    tell(endpoint, None)
    post_to(PostingStatus.CONFLICT)
    say_settled(client)
    for number in range(3):
        drop(client, f"rent-{number}.csv")


def drop(client: Client, name: str) -> DroppedFile:
    """A file that was cut: its ack says so."""
    file = store.take(client.client_id, name, f"external_id,{name}".encode(), at=AT)
    apply_waiting(at=AT)
    file.refresh_from_db()
    return file


def public_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()


def register(*, by: User | None = None, name: str = "Ledger sync", method: str = ClientAuth.SECRET,
             **proof: object) -> Client:  # fmt: skip
    client, _ = register_client(
        name=name,
        scopes=[Scope.READ, Scope.WRITE],
        proof=Proof(method, **proof),
        networks=["192.0.2.0/24"],
        by=by or UserFactory(),
        at=AT,
    )
    approve_client(client, by=UserFactory(), at=AT)
    return client


def tell(endpoint: Endpoint, status: int | None, *, body: str = "ok") -> Attempt:
    record("endpoint.ping", endpoint)
    event = Event.objects.about(endpoint).latest("pk")
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        event=event,
        webhook_id=f"evt_{event.pk}",
        kind="payment.returned",
        body=BODY,
        status=DeliveryStatus.DELIVERED if status == 200 else DeliveryStatus.FAILED,
        delivered_at=AT if status == 200 else None,
        made_at=AT,
        next_at=AT,
    )
    return Attempt.objects.create(
        delivery=delivery,
        at=AT,
        answered=status,
        took_ms=31,
        problem="" if status else "ConnectTimeout",
        body=body if status else "",
        sent={"webhook-id": delivery.webhook_id, "webhook-signature": "v1,…"},
        got={"Content-Type": "text/plain"} if status else {},
    )


def say_settled(client: Client, *, trace: str = "111000250000001") -> Reconciliation:
    """A file of one line, about something we did not send."""
    day = str(AT.date())
    line = {"trace": trace, "amount": 1000_00, "status": "settled", "on": day}
    row = take(client, Form.JSON_LINES, f"{json.dumps(line)}\n".encode(), at=AT)
    apply_received(at=AT)
    row.refresh_from_db()
    return row


def post_to(status: str, *, name: str = "books", number: int = 1) -> Posting:
    target = Target.objects.filter(name=name).first() or add_target(
        name=name,
        dialect=Dialect.POSTGRESQL,
        url="postgresql://erp:none@127.0.0.1:1/erp",
        schema="",
        starts_on=AT.date(),
    )
    fund = Fund.objects.order_by("pk").first() or FundFactory()
    return Posting.objects.create(
        target=target,
        fund=fund,
        day=AT.date() + timedelta(days=number),
        until_txid=number,
        source_ref=f"HMS-{fund.code}-{number}",
        content_sha256="0" * 64,
        line_count=4,
        debit_cents=1000_00,
        credit_cents=1000_00,
        status=status,
        next_at=AT,
        posted_at=AT if status == PostingStatus.POSTED else None,
        problem="the ERP's lines differ" if status == PostingStatus.CONFLICT else "",
    )
