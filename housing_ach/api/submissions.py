"""What programs ask for, as the services take it: external ids become rows, for all items at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from housing_ach.api.finding import accounts_of_tokens
from housing_ach.api.problems import NotThere, told
from housing_ach.mandates.models import Mandate
from housing_ach.mandates.states import MandateStatus
from housing_ach.payments.models import Order, Submission
from housing_ach.payments.services import ExternalIdTaken, SomeRefused, Wish, pay_many
from housing_ach.payments.states import Source
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.tenants.states import ChargeKind
from housing_ach.users.models import Client
from housing_ach.users.services import system_user
from housing_ach.vault.services import fingerprints

Item = Mapping[str, Any]
KINDS = {
    "rent": (ChargeKind.RENT,),
    "deposit": (ChargeKind.DEPOSIT,),
    "fee": tuple(kind for kind in ChargeKind if kind not in {ChargeKind.RENT, ChargeKind.DEPOSIT}),
}
TAKEN = "submission_external_id_is_unique"
# Where a service names a field otherwise than the body does.
NAMES = {"cents": "amount", "requested_on": "effective_date"}


@dataclass(frozen=True)
class Asked:
    """By whom, which way, and whether the rest is wanted where some are refused."""

    client: Client
    source: Source = Source.API
    external_id: str = ""
    partial: bool = False


class Outcome(NamedTuple):
    """`submission` is what the new orders belong to, or that of the ones known already.

    `refusals` are by the places of the items.
    """

    submission: Submission
    orders: list[Order]
    refusals: Mapping[int, Refusal]


class Permission(NamedTuple):
    pk: int
    status: str
    min_cents: int
    max_cents: int
    account_id: int
    fingerprint: tuple[str, bytes]

    def fits(self, item: Item) -> bool:
        return (
            self.status == MandateStatus.ACTIVE
            and self.min_cents <= item["amount"] <= self.max_cents
        )


@dataclass(frozen=True)
class Names:
    """What the external ids of a request stand for."""

    tenants: Mapping[str, int]
    leases: Mapping[str, int]
    permissions: Mapping[tuple[int, int], list[Permission]]
    accounts: Mapping[UUID, int]


def submit(items: Sequence[Item], asked: Asked, *, at: datetime) -> Outcome:
    """Inside the caller's transaction.

    Raises SomeRefused (nothing is written), ExternalIdTaken for the name of the whole.
    """
    names = _names_of(items)
    wishes = [_wish(item, names) for item in items]
    refused: dict[int, Refusal] = {
        place: said for place, said in enumerate(wishes) if isinstance(said, Refusal)
    }
    if refused and not asked.partial:
        raise SomeRefused(refused)
    made: list[Submission] = []

    def submission() -> Submission:
        made[:] = [_submission(items, asked, at)]
        return made[0]

    good = {place: said for place, said in enumerate(wishes) if isinstance(said, Wish)}
    said = pay_many(
        list(good.values()), by=system_user(), at=at, partial=asked.partial, submission=submission
    )
    outcomes = dict(zip(good, said, strict=True))
    orders = [row for row in outcomes.values() if isinstance(row, Order)]
    refused |= {place: row for place, row in outcomes.items() if isinstance(row, Refusal)}
    if not orders:
        raise SomeRefused(refused)
    whole = made[0] if made else _known(orders)
    if made and refused:
        whole.refused = [
            {"index": place, "external_id": items[place]["external_id"]} | told(said, NAMES)
            for place, said in sorted(refused.items())
        ]
        whole.save(update_fields=["refused"])
    return Outcome(whole, orders, refused)


def _submission(items: Sequence[Item], asked: Asked, at: datetime) -> Submission:
    try:
        return Submission.objects.create(
            client=asked.client,
            source=asked.source,
            external_id=asked.external_id,
            asked_count=len(items),
            asked_cents=sum(item["amount"] for item in items),
            made_at=at,
        )
    except IntegrityError as problem:
        if TAKEN not in str(problem):
            raise
        raise ExternalIdTaken(
            f"external_id: {asked.external_id} is another batch already", field="external_id"
        ) from problem


def _known(orders: Iterable[Order]) -> Submission:
    """Everything was asked for before: the first place it was."""
    for order in orders:
        if order.submission:
            return order.submission
    raise ExternalIdTaken("external_id: that payment came another way", field="external_id")


def _names_of(items: Sequence[Item]) -> Names:
    """In one statement where every tenant has some permission for its lease."""
    tenants, leases = ({item[name] for item in items} for name in ("tenant", "lease"))
    rows = Mandate.objects.filter(
        lease__external_id__in=leases, tenant__external_id__in=tenants
    ).order_by("-pk")
    by_tenant: dict[str, int] = {}
    by_lease: dict[str, int] = {}
    permissions: dict[tuple[int, int], list[Permission]] = {}
    for lease, lease_id, tenant, tenant_id, *row, print_key, printed in rows.values_list(
        *("lease__external_id", "lease_id", "tenant__external_id", "tenant_id"),
        *("pk", "status", "min_cents", "max_cents", "bank_account"),
        *("bank_account__fingerprint_key", "bank_account__fingerprint"),
    ):
        by_lease[lease], by_tenant[tenant] = lease_id, tenant_id
        found = permissions.setdefault((lease_id, tenant_id), [])
        found.append(Permission._make([*row, (print_key, bytes(printed))]))
    _complete(by_tenant, tenants, Tenant.objects.all())
    _complete(by_lease, leases, Lease.objects.all())
    tokens = {item["bank_account"] for item in items if "bank_account" in item}
    return Names(by_tenant, by_lease, permissions, accounts_of_tokens(tokens))


def _complete(known: dict[str, int], wanted: set[str], rows: QuerySet[Any]) -> None:
    if missing := wanted - known.keys():
        found = rows.filter(external_id__in=missing)
        known.update(found.values_list("external_id", "pk"))


def _wish(item: Item, names: Names) -> Wish | NotThere:
    for name, known in (("tenant", names.tenants), ("lease", names.leases)):
        if item[name] not in known:
            return NotThere("There is no such thing.", field=name)
    payer = names.leases[item["lease"]], names.tenants[item["tenant"]]
    name, found = _permission(item, names.permissions.get(payer, []), names.accounts)
    if found is None:
        return NotThere("This tenant has no such permission for this lease.", field=name)
    return Wish(
        lease_id=payer[0],
        tenant_id=payer[1],
        mandate_id=found.pk,
        cents=item["amount"],
        requested_on=item["effective_date"],
        kinds=KINDS[item["purpose"]] if "purpose" in item else None,
        external_id=item["external_id"],
        metadata=item.get("metadata", {}),
    )


def _permission(
    item: Item, own: Sequence[Permission], accounts: Mapping[UUID, int]
) -> tuple[str, Permission | None]:
    """The one that is named, or of the account the newest in force that takes the amount."""
    if "mandate" in item:
        named = int(item["mandate"])
        return "mandate", next((row for row in own if row.pk == named), None)
    if "bank_account" in item:
        account_id = accounts.get(item["bank_account"])
        name, of_account = "bank_account", [row for row in own if row.account_id == account_id]
    else:
        prints = set(fingerprints(item["routing"], item["account_number"]))
        name, of_account = "account_number", [row for row in own if row.fingerprint in prints]
    return name, next((row for row in of_account if row.fits(item)), None)
