"""What goes to the bank: who made it, who approved it, and how far it is."""

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from housing_ach.audit.move import IllegalMove, StaleState
from housing_ach.bank.selectors import cut_off
from housing_ach.batches import services
from housing_ach.batches.models import BankFile, Batch
from housing_ach.batches.services import ContentChanged, MakerCannotApprove, PastCutOff
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.clock.services import now
from housing_ach.desk.access import desk_page, person
from housing_ach.desk.forms.batches import ApproveForm, BatchFilter, CancelForm, TraceFilter
from housing_ach.desk.tables_batches import BatchTable, EntryTable
from housing_ach.desk.templatetags.money import batch_words, newyork
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role

REFUSED = 422
MOVING = (BatchStatus.FROZEN, BatchStatus.SENT)
STOPPABLE = (BatchStatus.DRAFT, BatchStatus.APPROVED)
# Lines of 94 characters and their ends; more is for the exact file.
FILE_SHOWN = 2000 * 95
# The first of those taken out are named on the page; the table below lists all of them.
NAMED = 20
REFUSALS: dict[type[Refusal], str | Promise] = {
    MakerCannotApprove: later("You built this batch, so somebody else has to approve it."),
    PastCutOff: later(
        "The bank's cut-off for this batch has passed, so it cannot be approved any more."
        " Cancel it, and its payments go into the next batch."
    ),
    ContentChanged: later(
        "The batch is not what was built any more, or nothing is left of it."
        " Cancel it, and its payments go into the next batch."
    ),
}


class Step(NamedTuple):
    """`who` and `at` are empty while it did not happen; `tone` and `icon` say how it went."""

    words: str
    who: str
    at: str
    tone: str
    icon: str
    is_current: bool

    @property
    def happened(self) -> bool:
        return bool(self.at)


@require_safe
@desk_page()
def batches(request: HttpRequest) -> HttpResponseBase:
    filters = BatchFilter(request.GET)
    table = BatchTable(filters.of(_mine(request)))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "batches")
    told = {"table": paged(request, table), "filters": filters}
    return render(request, "desk/batches.html", told)


@require_safe
@desk_page()
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _of(request, pk))


@require_safe
@desk_page()
def batch_live(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; the page asks again by itself until the bank has answered."""
    shown = _of(request, pk)
    answer = render(request, "desk/batch_live.html", _live(shown))
    if shown.status not in MOVING:
        return HttpResponseStopPolling(answer.content)
    return answer


@require_safe
@desk_page()
def batch_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as sent, account numbers hidden; to whoever may see all batches in it."""
    shown = _of(request, pk)
    told: dict[str, Any] = {"batch": shown}
    if _may_see_file(request, shown):
        # Whole files hold a hundred thousand entries: the database cuts, not the page.
        first = BankFile.objects.filter(batches=shown).values_list(Left("masked", FILE_SHOWN))
        told |= {"file": shown.file, "lines": first.get()[0]}
    return render(request, "desk/batch_file.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Role.FINANCE)
def batch_approve(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _of(request, pk)
    if request.method == "POST":
        return _approve(request, shown)
    if shown.status != BatchStatus.DRAFT:
        messages.warning(request, _overtaken(shown))
        return redirect("desk:batch", shown.pk)
    return _approval(request, shown, _approve_form(request, shown))


def _approve(request: HttpRequest, shown: Batch) -> HttpResponse:
    if shown.status != BatchStatus.DRAFT:
        return _shown(request, shown, problem=_overtaken(shown))
    form = ApproveForm(request.POST, request=request)
    if not form.is_valid():
        return _approval(request, shown, form, refused=True)
    if form.cleaned_data["seen"] != _seen(shown):
        problem = _("The batch changed while you looked at it. Please check its totals again.")
        return _approval(request, shown, _approve_form(request, shown), problem=problem)
    try:
        services.approve(shown, by=person(request), at=now())
    except (StaleState, IllegalMove):
        shown = _of(request, shown.pk)
        return _shown(request, shown, problem=_overtaken(shown))
    except (MakerCannotApprove, PastCutOff, ContentChanged) as refusal:
        problem = str(REFUSALS[type(refusal)])
        return _approval(request, shown, _approve_form(request, shown), problem=problem)
    messages.success(request, _("Approved. It goes to the bank before the cut-off."))
    return redirect("desk:batch", shown.pk)


@require_POST
@desk_page(Role.FINANCE)
def batch_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    shown, form = _of(request, pk), CancelForm(request.POST)
    if not form.is_valid():
        return _shown(request, shown, cancel=form)
    try:
        services.cancel(shown, reason=form.cleaned_data["reason"], at=now())
    except (StaleState, IllegalMove):
        shown = _of(request, pk)
        return _shown(request, shown, problem=_overtaken(shown))
    messages.success(request, _("Canceled. Its payments go into the next batch."))
    return redirect("desk:batch", shown.pk)


def _mine(request: HttpRequest) -> QuerySet[Batch]:
    named = ("company", "fund", "window__profile", "made_by", "approved_by", "file")
    return Batch.objects.visible_to(person(request)).select_related(*named).defer("file__masked")


def _of(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(_mine(request), pk=pk)


def _may_see_file(request: HttpRequest, shown: Batch) -> bool:
    if shown.file is None:
        return False
    seen = Batch.objects.visible_to(person(request)).filter(file=shown.file)
    return seen.count() == shown.file.batches.count()


def _seen(shown: Batch) -> str:
    return f"{shown.entry_count}-{shown.cents}-{shown.content_sha}"


def _approve_form(request: HttpRequest, shown: Batch) -> ApproveForm:
    return ApproveForm(request=request, initial={"seen": _seen(shown)})


def _overtaken(shown: Batch) -> str:
    told = {"number": shown.pk, "status": batch_words(shown.status)}
    if shown.approved_by and shown.approved_at and shown.status == BatchStatus.APPROVED:
        told |= {"who": str(shown.approved_by), "at": newyork(shown.approved_at)}
        return _("Batch %(number)s was approved by %(who)s already, on %(at)s.") % told
    return _("Nothing was changed: the state of batch %(number)s is now “%(status)s”.") % told


def _approval(
    request: HttpRequest,
    shown: Batch,
    form: ApproveForm,
    *,
    problem: str = "",
    refused: bool = False,
) -> HttpResponse:
    told = {
        "batch": shown,
        "form": form,
        "problem": problem,
        "is_maker": shown.made_by_id == person(request).pk,
        "cut_off": cut_off(shown.window, shown.processing_on),
        "now": now(),
        "taken_out": shown.entries.filter(status=EntryStatus.EJECTED).count(),
    }
    status = REFUSED if refused or problem else 200
    return render(request, "desk/batch_approve.html", told, status=status)


def _shown(
    request: HttpRequest, shown: Batch, *, problem: str = "", cancel: CancelForm | None = None
) -> HttpResponse:
    entries = shown.entries.select_related("account_version")
    out = shown.entries.filter(status=EntryStatus.EJECTED).order_by("pk")
    search = TraceFilter(request.GET)
    acts = Role.FINANCE in request.roles  # type: ignore[attr-defined]
    told: dict[str, Any] = {
        **_live(shown),
        "table": paged(request, EntryTable(search.of(entries), description=shown.description)),
        "search": search,
        "taken_out": out[:NAMED],
        "taken_out_count": out.count(),
        "cancel": cancel or CancelForm(),
        "problem": problem,
        "may_approve": acts and shown.status == BatchStatus.DRAFT,
        "may_cancel": acts and shown.status in STOPPABLE,
        "is_maker": shown.made_by_id == person(request).pk,
        "may_see_file": _may_see_file(request, shown),
    }
    status = REFUSED if problem or cancel else 200
    return render(request, "desk/batch.html", told, status=status)


def _live(shown: Batch) -> dict[str, Any]:
    steps = _steps(shown)
    return {
        "batch": shown,
        "steps": steps,
        "reached": sum(step.happened for step in steps),
        "is_moving": shown.status in MOVING,
    }


def _steps(shown: Batch) -> list[Step]:
    """From built to settled; what ended it early takes the place of what never happened."""
    file = shown.file
    bank = shown.company.profile.name if file else ""
    facts = [
        (_("Built"), shown.made_by, shown.made_at),
        (_("Approved"), shown.approved_by or "", shown.approved_at),
        (_("Sent to bank"), _("the system"), file.published_at if file else None),
        (_("Accepted by the bank"), bank, _answered(shown)),
        (_("Settled"), bank, shown.settled_on),
    ]
    ended = shown.status in {BatchStatus.CANCELLED, BatchStatus.VOID, BatchStatus.REJECTED}
    steps, waiting = [], not ended
    for words, who, at in facts:
        if at:
            when = newyork(at) if isinstance(at, datetime) else f"{at:%b} {at.day}, {at.year}"
            steps.append(Step(words, str(who), when, "is-ok", "check", is_current=False))
        elif not ended:
            steps.append(Step(words, "", "", "is-flat", "ellipsis-horizontal", waiting))
            waiting = False
    if ended:
        words = batch_words(shown.status)
        steps.append(Step(words, "", "", "is-bad", "no-symbol", is_current=True))
    return steps


def _answered(shown: Batch) -> datetime | None:
    taken = shown.status in {BatchStatus.ACCEPTED, BatchStatus.SETTLED}
    return shown.file.acknowledged_at if shown.file and taken else None
