"""NACHA files: read by the codec, checked whole, and each debit asked for anew.

Nothing is passed on: company, ODFI, SEC code, trace and batch of an entry are ours, as of any debit.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from housing_ach import nacha
from housing_ach.api.drop.reading import Checker, Contents, Fault, Row, Unusable
from housing_ach.api.serializers.money import MOST_ITEMS
from housing_ach.tenants.models import Lease, Tenant

SEC_CODES = frozenset({"PPD", "WEB", "TEL", "CCD"})
DEBITS = frozenset({"27", "37"})
# The same that we write: `L` and the lease's id, `T` and the tenant's.
PAYER = re.compile(r"L([0-9]{1,9})T([0-9]{1,9})")
MOST_FAULTS = 100
Payers = dict[tuple[int, int], tuple[str, str]]


def read(content: bytes, *, client_id: int) -> Contents:
    """Raises Unusable. The name of each debit is made of the client, the file's key and the trace."""
    file = nacha.read(content)
    if not file.readable or file.issues.errors:
        raise Unusable(*_issues(file))
    if file.entry_count > MOST_ITEMS:
        words = f"There are {file.entry_count} entries; at most {MOST_ITEMS} go."
        raise Unusable(Fault("too_many_rows", words))
    batches = list(file.batches)
    entries = list(file.entries)
    if faults := [*_strange(batches, entries)][:MOST_FAULTS]:
        raise Unusable(*faults)
    return Contents(_rows(entries, batches, _key(file, client_id)))


def _issues(file: nacha.File) -> list[Fault]:
    """As the codec words them: account numbers masked."""
    wrong = [issue for issue in file.issues if issue.severity == "error"]
    found = [
        Fault(issue.rule, f"{issue.record} {issue.field}: {issue.message}", line=issue.line)
        for issue in wrong[:MOST_FAULTS]
    ]
    return found or [Fault("F01", "This is not an ACH file.")]


def _strange(batches: list[nacha.Batch], entries: list[nacha.Entry]) -> Iterator[Fault]:
    for batch in batches:
        if batch.sec_code not in SEC_CODES:
            words = f"Only {', '.join(sorted(SEC_CODES))} are taken."
            yield Fault("sec_code", words, line=batch.line)
        if batch.effective_on is None:
            yield Fault("effective_date", "The batch has no effective date.", line=batch.line)
    for entry in entries:
        if entry.transaction_code not in DEBITS:
            words = "Only debits of checking (27) and savings (37) accounts are taken."
            yield Fault("transaction_code", words, line=entry.line)
        if entry.return_info or entry.correction:
            yield Fault("return", "Returns and corrections come from the bank.", line=entry.line)


def _key(file: nacha.File, client_id: int) -> str:
    """What is the same if the file comes again with other bytes."""
    header = file.header
    on = header.creation_on if header else None
    time, modifier = (header.creation_time, header.modifier) if header else ("", "")
    return f"ach-{client_id}-{on or date.min:%Y%m%d}-{time}{modifier}"


def _rows(entries: list[nacha.Entry], batches: list[nacha.Batch], key: str) -> list[Row]:
    payers = _payers(entries)
    checker = Checker()
    return [
        _row(checker, entry, batches[entry.batch].effective_on, key, payers) for entry in entries
    ]


def _payers(entries: Iterable[nacha.Entry]) -> Payers:
    """The external ids of lease and tenant behind each individual id."""
    found = [PAYER.fullmatch(entry.individual_id) for entry in entries]
    pairs = {(int(match[1]), int(match[2])) for match in found if match}
    leases = Lease.objects.filter(pk__in={lease for lease, _ in pairs}).exclude(external_id="")
    tenants = Tenant.objects.filter(pk__in={tenant for _, tenant in pairs}).exclude(external_id="")
    by_lease = dict(leases.values_list("pk", "external_id"))
    by_tenant = dict(tenants.values_list("pk", "external_id"))
    return {
        (lease, tenant): (by_lease[lease], by_tenant[tenant])
        for lease, tenant in pairs
        if lease in by_lease and tenant in by_tenant
    }


def _row(
    checker: Checker, entry: nacha.Entry, effective_on: date | None, key: str, payers: Payers
) -> Row:
    external_id = f"{key}-{entry.trace}"
    match = PAYER.fullmatch(entry.individual_id)
    payer = payers.get((int(match[1]), int(match[2]))) if match else None
    if payer is None:
        words = "The individual id names no lease and tenant of ours."
        fault = Fault("not_found", words, "/individual_id", entry.line)
        return Row(entry.line, external_id, entry.cents, faults=(fault,))
    values: dict[str, Any] = {
        "external_id": external_id,
        "lease": payer[0],
        "tenant": payer[1],
        "routing": entry.routing,
        "account_number": entry.account,
        "amount": entry.cents,
        "currency": "USD",
        "effective_date": str(effective_on),
    }
    return checker.row(entry.line, values)
