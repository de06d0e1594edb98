"""What the worker makes of dropped files: the debits of each, once, and its ack, in one commit."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from housing_ach.api.drop import csv_file, nacha_file
from housing_ach.api.drop.acks import Answer, Fate, Outcome, ack
from housing_ach.api.drop.names import Kind, kind_of
from housing_ach.api.drop.reading import Contents, Fault, Unusable, fault_of
from housing_ach.api.drop.store import content_of
from housing_ach.api.models import DroppedFile
from housing_ach.api.problems import told
from housing_ach.api.states import DropStatus
from housing_ach.api.submissions import NAMES, Asked, submit
from housing_ach.api.submissions import Outcome as Asking
from housing_ach.audit.acting import acting
from housing_ach.audit.move import move
from housing_ach.payments.models import Submission
from housing_ach.payments.services import SomeRefused
from housing_ach.payments.states import Source
from housing_ach.shared.failpoints import failpoint
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import Client
from housing_ach.users.states import Scope

NOT_DONE = Fault("not_done", "Nothing of the file was done, as another row was refused.")
NAME_LENGTH = 60

log = logging.getLogger(__name__)


def apply_waiting(*, at: datetime) -> None:
    """Every file that waits, in the order they came; one that another worker has is left to it.

    A file that cannot be told apart from a bug of ours holds up no other, and waits on.
    """
    waiting = DroppedFile.objects.filter(status=DropStatus.RECEIVED).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            _apply(pk, at=at)
        except Exception as problem:  # noqa: BLE001 - its words may hold a line of the file
            log.error("dropped file #%s waits: %s", pk, type(problem).__name__)  # noqa: TRY400


@transaction.atomic
def _apply(pk: int, *, at: datetime) -> None:
    rows = DroppedFile.objects.select_for_update(skip_locked=True, of=("self",))
    file = rows.select_related("client").filter(pk=pk, status=DropStatus.RECEIVED).first()
    if file is None:
        return
    with acting(f"client:{file.client.client_id}"):
        answer = _answer(file, at=at)
        failpoint("drop.submitted")
        done = answer.status == DropStatus.APPLIED
        move(
            file,
            answer.status,
            kind="file.applied" if done else "file.refused",
            data={"rows": len(answer.outcomes)},
            ack=ack(file, answer),
            answered_at=at,
            submission_id=answer.batch_id,
        )


def _answer(file: DroppedFile, *, at: datetime) -> Answer:
    try:
        _require_scope(file.client, Scope.WRITE)
        contents = _read(file)
        if contents.has_account_numbers:
            _require_scope(file.client, Scope.TOKENIZE)
        return _asked(file, contents, at=at)
    except Unusable as problem:
        return Answer(DropStatus.REFUSED, faults=problem.faults)


def _require_scope(client: Client, scope: Scope) -> None:
    if not client.is_active:
        raise Unusable(Fault("client_disabled", "This client may bring no files any more."))
    if scope not in client.scopes:
        raise Unusable(Fault("insufficient_scope", f"This needs the scope {scope}."))


def _read(file: DroppedFile) -> Contents:
    content = content_of(file)
    if kind_of(file.name) == Kind.CSV:
        return csv_file.read(content)
    return nacha_file.read(content, client_id=file.client_id)


def _asked(file: DroppedFile, contents: Contents, *, at: datetime) -> Answer:
    """All rows or none, unless the file's name wants those that can be had."""
    partial = file.partial and contents.is_certain
    good = contents.good
    if not good or (len(good) < len(contents.rows) and not partial):
        return _refused(contents, {})
    name = f"sha256:{file.sha256}"[:NAME_LENGTH]
    how = Asked(file.client, source=Source.FILE, external_id=name, partial=partial)
    try:
        said = submit(list(good.values()), how, at=at)
    except SomeRefused as some:
        return _refused(contents, _faults(contents, some.refusals))
    except Refusal as refusal:
        raise Unusable(fault_of(told(refusal, NAMES))) from refusal
    return _applied(contents, said, name)


def _faults(contents: Contents, refusals: Mapping[int, Refusal]) -> dict[int, Fault]:
    """By the place of the row; a refusal names the place among what was asked for."""
    places = list(contents.good)
    return {places[asked]: fault_of(told(said, NAMES)) for asked, said in refusals.items()}


def _refused(contents: Contents, faults: Mapping[int, Fault]) -> Answer:
    outcomes = [
        Outcome(row, Fate.REFUSED, faults=row.faults or (faults.get(place, NOT_DONE),))
        for place, row in enumerate(contents.rows)
    ]
    return Answer(DropStatus.REFUSED, outcomes)


def _applied(contents: Contents, said: Asking, name: str) -> Answer:
    """An order is new if it belongs to what this very file asked for."""
    own = said.submission if said.submission.external_id == name else None
    orders = {order.external_id: order for order in said.orders}
    faults = _faults(contents, said.refusals)
    outcomes = []
    for place, row in enumerate(contents.rows):
        wrong = row.faults or ((faults[place],) if place in faults else ())
        if wrong:
            outcomes.append(Outcome(row, Fate.REFUSED, faults=wrong))
            continue
        order = orders[row.external_id]
        is_new = own is not None and order.submission_id == own.pk
        outcomes.append(Outcome(row, Fate.ACCEPTED if is_new else Fate.KNOWN, order.pk))
    if own is not None:
        _tell_refused(own, outcomes)
    return Answer(DropStatus.APPLIED, outcomes, batch_id=own.pk if own else None)


def _tell_refused(submission: Submission, outcomes: list[Outcome]) -> None:
    """By their places in the file, as the status of the batch tells them."""
    submission.refused = [
        {
            "index": place,
            "external_id": outcome.row.external_id,
            "pointer": outcome.faults[0].pointer,
            "code": outcome.faults[0].code,
            "message": outcome.faults[0].message,
        }
        for place, outcome in enumerate(outcomes)
        if outcome.fate == Fate.REFUSED
    ]
    submission.save(update_fields=["refused"])
