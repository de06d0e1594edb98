"""Parties as the housing system knows them: made once by its id, changed only where no books change."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, NotRequired, TypedDict, TypeVar, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from housing_ach.ledger.models import Fund
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Lease, LeaseShare, Property, Tenant, Unit
from housing_ach.tenants.services.shares import BadShares, change_shares

Row = TypeVar("Row", bound=Model)
# Called with the locked row before any of it changes.
Guard = Callable[[Any], None]


class FixedByBooks(Refusal):
    """To change it would change the books, or what staff decided: a person does it, in the admin."""


class NameTaken(Refusal):
    """Another one is called so."""


class PropertyTerms(TypedDict):
    code: str
    name: str
    state: str
    address: str
    operating_fund: Fund
    deposit_fund: Fund


class LeaseTerms(TypedDict):
    """`payers`: weights by tenant, the primary one first; from `payers_from` on, or the first day."""

    unit: Unit
    starts_on: date
    ends_on: date | None
    payers: Mapping[Tenant, int]
    payers_from: NotRequired[date | None]


class _Kind(NamedTuple):
    """`fixed` is never changed; `label` is unique and may be another's."""

    fixed: Sequence[str]
    label: str


PROPERTY = _Kind(("code", "state", "operating_fund", "deposit_fund"), "code")
UNIT = _Kind(("property",), "name")
TENANT = _Kind((), "external_id")


def put_property(
    external_id: str, *, guard: Guard, **terms: Unpack[PropertyTerms]
) -> tuple[Property, bool]:
    """The row and whether it is new; a new one is disabled until staff set it live.

    Raises FixedByBooks or NameTaken, and what `guard` raises.
    """
    return _put(Property.objects.all(), external_id, PROPERTY, terms, guard)


def put_unit(external_id: str, *, guard: Guard, property: Property, name: str) -> tuple[Unit, bool]:
    """As `put_property`."""
    terms = {"property": property, "name": name}
    return _put(Unit.objects.all(), external_id, UNIT, terms, guard)


def put_tenant(external_id: str, *, guard: Guard, name: str, email: str) -> tuple[Tenant, bool]:
    """As `put_property`."""
    terms = {"name": name, "email": email}
    return _put(Tenant.objects.all(), external_id, TENANT, terms, guard)


@transaction.atomic
def put_lease(external_id: str, *, guard: Guard, **terms: Unpack[LeaseTerms]) -> tuple[Lease, bool]:
    """As `put_property`; what is charged already keeps its shares. Raises BadShares too."""
    wanted = {name: terms[name] for name in ("unit", "starts_on", "ends_on")}
    lease, is_new = _get_or_make(Lease.objects.all(), external_id, _Kind((), "external_id"), wanted)
    payers = terms["payers"]
    if is_new:
        change_shares(lease, weights=payers, from_on=lease.starts_on)
        return lease, True
    differing = _differing(lease, wanted)
    other_payers = _payers_of(lease) != list(payers.items())
    if not differing and not other_payers:
        return lease, False
    guard(lease)
    _require_same_books(lease, differing)
    if "starts_on" in differing:
        _move_start(lease, differing["starts_on"])
    _change(lease, differing, "external_id")
    if other_payers:
        _change_payers(lease, payers, terms.get("payers_from"))
    return lease, False


@transaction.atomic
def _put(
    rows: QuerySet[Row], external_id: str, kind: _Kind, wanted: Mapping[str, Any], guard: Guard
) -> tuple[Row, bool]:
    row, is_new = _get_or_make(rows, external_id, kind, wanted)
    differing = {} if is_new else _differing(row, wanted)
    if differing:
        guard(row)
        _refuse([name for name in differing if name in kind.fixed], row)
        _change(row, differing, kind.label)
    return row, is_new


def _get_or_make(
    rows: QuerySet[Row], external_id: str, kind: _Kind, wanted: Mapping[str, Any]
) -> tuple[Row, bool]:
    """Locked. Of two at once, the second finds what the first made."""
    known = rows.select_for_update().filter(external_id=external_id)
    if found := known.first():
        return found, False
    try:
        with transaction.atomic():
            return rows.create(external_id=external_id, **wanted), True
    except IntegrityError:
        if found := known.first():
            return found, False
        raise _taken(kind.label) from None


def _differing(row: Model, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def _change(row: Model, differing: Mapping[str, Any], label: str) -> None:
    if not differing:
        return
    for name, value in differing.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(differing))
    except IntegrityError:
        raise _taken(label) from None


def _require_same_books(lease: Lease, differing: Mapping[str, Any]) -> None:
    fixed = []
    if "unit" in differing and differing["unit"].property_id != lease.unit.property_id:
        fixed.append("unit")
    if "starts_on" in differing and lease.charges.exists():
        fixed.append("starts_on")
    _refuse(fixed, lease)


def _move_start(lease: Lease, starts_on: date) -> None:
    """Who pays from the first day pays from the new one."""
    first = lease.shares.filter(starts_on=lease.starts_on)
    if first.filter(ends_on__lt=starts_on).exists():
        raise BadShares(f"starts_on: the shares of {lease} end before", field="starts_on")
    first.update(starts_on=starts_on)


def _payers_of(lease: Lease) -> list[tuple[Tenant, int]]:
    rows = LeaseShare.objects.filter(lease=lease, ends_on=None).select_related("tenant")
    return [(row.tenant, row.weight) for row in rows.order_by("-is_primary", "pk")]


def _change_payers(lease: Lease, payers: Mapping[Tenant, int], from_on: date | None) -> None:
    if from_on is None:
        raise BadShares("from_on: say from which day on they pay", field="from_on")
    change_shares(lease, weights=payers, from_on=from_on)


def _refuse(fixed: Sequence[str], row: Any) -> None:
    if fixed:
        raise FixedByBooks(
            f"{fixed[0]}: of {row.external_id} is not changed by a program",
            field=fixed[0],
            ids=[row.pk],
        )


def _taken(label: str) -> NameTaken:
    return NameTaken(f"{label}: another one is called so", field=label)
