"""What payers are told about their own payments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.audit.models import Event
from housing_ach.notices.services.drafts import (
    AMOUNT,
    DATE,
    ENDING,
    Draft,
    Rows,
    link,
    news,
    sender_of,
)
from housing_ach.notices.states import Kind
from housing_ach.notices.templatetags.letters import CHARGES, Cents
from housing_ach.payments.models import Payment
from housing_ach.payments.selectors.history import TOLD
from housing_ach.payments.states import Direction, OrderKind, PaymentStatus
from housing_ach.returns.models import Return
from housing_ach.returns.plain_words import plain_words
from housing_ach.returns.policy import Effect, policy_of
from housing_ach.returns.states import ReturnKind
from housing_ach.tenants.models import Charge

_S = PaymentStatus
PAID = (_S.SETTLED, _S.CLEARED)
STOPPED = (_S.CANCELLED, _S.REJECTED)
# Of an order whose other debits are on their way, nothing is told yet.
COMING = (_S.SCHEDULED, _S.BATCHED, _S.SENT, _S.ACCEPTED)
ONE_DEBIT = _("One debit on your bank statement")
READ = (_S.HELD, _S.AWAITING_APPROVAL, _S.SCHEDULED, _S.SETTLED, _S.RETURNED, *STOPPED)
PAYMENT_KINDS = [f"payment.{status.lower()}" for status in READ]

Orders = Mapping[int, Sequence[Payment]]


def payment_drafts(events: Sequence[Event]) -> list[Draft]:
    ids = {int(event.subject_id) for event in events}
    touched = Payment.objects.filter(pk__in=ids, direction=Direction.DEBIT, purpose__in=TOLD)
    orders = by_order(payer_debits().filter(order__in=touched.values("order")))
    made = [event for event in events if not event.was]
    return [
        *_pending(orders, made),
        *_paid(orders, events),
        *_stopped(orders, events),
        *_returned(orders, events),
    ]


def payer_debits() -> QuerySet[Payment]:
    return (
        Payment.objects.filter(direction=Direction.DEBIT, purpose__in=TOLD)
        .select_related("order", "tenant__user", "bank_account", "lease__unit__property")
        .prefetch_related("targets__share__charge")
    )


def by_order(payments: QuerySet[Payment]) -> dict[int, list[Payment]]:
    orders: defaultdict[int, list[Payment]] = defaultdict(list)
    for payment in payments.order_by("pk"):
        orders[payment.order_id].append(payment)
    return orders


def _pending(orders: Orders, events: Sequence[Event]) -> Iterable[Draft]:
    """Of what somebody asked for himself: autopay is told ahead."""
    new = news(events, READ)
    for order_id, payments in orders.items():
        first = next((payment for payment in payments if payment.pk in new), None)
        if first and first.order.kind == OrderKind.ONE_TIME:
            yield _receipt("pending", f"order:{order_id}:pending", payments, new[first.pk])


def _paid(orders: Orders, events: Sequence[Event]) -> Iterable[Draft]:
    """Once all of an order that goes has gone: one receipt, again only if more of it is paid later."""
    new = news(events, (_S.SETTLED,))
    for order_id, payments in orders.items():
        last = next((payment for payment in reversed(payments) if payment.pk in new), None)
        paid = [payment for payment in payments if payment.status in PAID]
        if last and paid and not any(payment.status in COMING for payment in payments):
            which = ",".join(f"{payment.pk}.{payment.retries}" for payment in paid)
            yield _receipt("paid", f"order:{order_id}:paid:{which}", paid, new[last.pk])


def _stopped(orders: Orders, events: Sequence[Event]) -> Iterable[Draft]:
    for became in STOPPED:
        new = news(events, (became,))
        for payments in orders.values():
            stopped = [payment for payment in payments if payment.pk in new]
            if stopped:
                event = new[stopped[-1].pk]
                yield _draft(
                    Kind.PAYMENT_CANCELLED,
                    f"event:{event.pk}",
                    stopped,
                    event=event,
                    facts={"variant": became.lower()},
                    page=link("portal:pay"),
                    page_words=_("Pay"),
                )


def _returned(orders: Orders, events: Sequence[Event]) -> Iterable[Draft]:
    new = news(events, (_S.RETURNED,))
    came_back = _came_back(list(new))
    fees = _fees(orders)
    for payments in orders.values():
        for payment in payments:
            found = came_back.get(payment.pk)
            # The heirs of an account's holder get a letter from people.
            if found and policy_of(found.code).effect != Effect.BLOCK_PAYER:
                yield _return(payment, found, new[payment.pk], fees.get(payment.order_id))


def _return(payment: Payment, found: Return, event: Event, fee_cents: int | None) -> Draft:
    words = plain_words(found.code)
    planned = payment.retries and payment.status in COMING
    facts = {
        "happened": words.happened,
        "next_step": words.next_step,
        "retry_on": payment.effective_on if planned else None,
        "fee_cents": fee_cents,
    }
    return _draft(
        Kind.RETURNED,
        f"event:{event.pk}",
        [payment],
        event=event,
        facts=facts,
        page=link("portal:payment", pk=payment.pk),
        page_words=_("See what you can do"),
    )


def _receipt(variant: str, occasion: str, payments: Sequence[Payment], event: Event) -> Draft:
    return _draft(
        Kind.RECEIPT,
        occasion,
        payments,
        event=event,
        facts={"variant": variant},
        page=link("portal:payment", pk=payments[0].pk),
        page_words=_("See the payment and download the receipt"),
    )


def _draft(
    kind: Kind, occasion: str, payments: Sequence[Payment], *, event: Event, **told: Any
) -> Draft:
    first = payments[0]
    return Draft(
        kind=kind,
        occasion=occasion,
        tenant=first.tenant,
        about=first,
        facts={"cents": sum(payment.cents for payment in payments), **told["facts"]},
        rows=rows_of(payments),
        page=told["page"],
        page_words=told["page_words"],
        sender=sender_of(first.lease),
        event_id=event.pk,
    )


def rows_of(payments: Sequence[Payment]) -> Rows:
    """Every debit as the bank statement will show it, and what all of them are for."""
    first = payments[0]
    label = AMOUNT if len(payments) == 1 else ONE_DEBIT
    debits = [(label, Cents(payment.cents)) for payment in payments]
    ending = first.bank_account.last_four if first.bank_account else ""
    charges = charges_of(payments)
    return (*debits, (DATE, first.effective_on), (ENDING, ending or "••"), *charges)


def charges_of(payments: Sequence[Payment]) -> Rows:
    """What was asked for, by kind of charge; what no charge is named for is paid ahead."""
    by_kind: defaultdict[str, int] = defaultdict(int)
    for payment in payments:
        for target in payment.targets.all():
            by_kind[target.share.charge.kind] += target.cents
    return charge_rows(by_kind, sum(payment.cents for payment in payments))


def charge_rows(by_kind: Mapping[str, int], cents: int) -> Rows:
    rows = [(CHARGES.get(kind, CHARGES["OTHER"]), Cents(part)) for kind, part in by_kind.items()]
    ahead = cents - sum(by_kind.values())
    return (*rows, *([(CHARGES[""], Cents(ahead))] if ahead > 0 else []))


def _came_back(payment_ids: Sequence[int]) -> dict[int, Return]:
    """The last return of each payment."""
    found = Return.objects.filter(entry__payment__in=payment_ids, kind=ReturnKind.RETURN)
    rows = found.select_related("entry").order_by("pk")
    return {row.entry.payment_id: row for row in rows if row.entry and row.entry.payment_id}


def _fees(orders: Orders) -> dict[int, int]:
    names = {f"nsf:order:{pk}": pk for pk in orders}
    found = Charge.objects.filter(external_id__in=list(names))
    return {names[name]: cents for name, cents in found.values_list("external_id", "cents")}
