"""What goes to the bank: who made it, who approved it, and how far it is."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from housing_ach.audit.move import IllegalMove, StaleState
from housing_ach.bank.selectors import cut_off
from housing_ach.batches import services
from housing_ach.batches.models import BankFile, Batch, Entry
from housing_ach.batches.services import ContentChanged, MakerCannotApprove, NotPlanned, PastCutOff
from housing_ach.batches.states import BatchStatus, EntryStatus
from housing_ach.clock.services import now
from housing_ach.desk.access import desk_page, person, reaches_all
from housing_ach.desk.batch_steps import entry_hash, progress, steps
from housing_ach.desk.forms.batches import (
    ApproveForm,
    BatchFilter,
    CancelForm,
    EjectForm,
    TraceFilter,
)
from housing_ach.desk.tables_batches import BatchTable, EntryTable
from housing_ach.desk.templatetags.money import batch_words, newyork
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.shared.templatetags.ui import status_words
from housing_ach.tenants.models import Property, sees_everything
from housing_ach.tenants.states import Role

REFUSED = 422
MOVING = (BatchStatus.FROZEN, BatchStatus.SENT)
STOPPABLE = (BatchStatus.DRAFT, BatchStatus.APPROVED)
# Lines of 94 characters and their ends; more is for the exact file.
FILE_SHOWN = 2000 * 95
# The first of those taken out are named on the page; the table below lists all of them.
NAMED = 20
CHANGED = later("The batch changed while you looked at it. Please check its totals again.")
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


@require_safe
@desk_page()
def batches(request: HttpRequest) -> HttpResponseBase:
    filters = BatchFilter(request.GET, user=person(request))
    if (trace := filters.trace()) and (found := _of_trace(request, trace)):
        return redirect(f"{reverse('desk:batch', args=[found])}?{urlencode({'trace': trace})}")
    table = BatchTable(filters.of(_mine(request)))
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "batches")
    told = {"table": paged(request, table), "filters": filters}
    return render(request, "desk/batches.html", told)


@require_safe
@desk_page()
def batch(request: HttpRequest, pk: int) -> HttpResponseBase:
    shown = _of(request, pk)
    if request.GET.get("format") == "csv":
        return as_csv(request, _entries(request, shown), f"batch-{shown.pk}")
    return _shown(request, shown)


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
    shown = _to_act_on(request, pk)
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
        problem = str(CHANGED)
        return _approval(request, shown, _approve_form(request, shown), problem=problem)
    try:
        services.approve(shown, by=person(request), at=now())
    except (StaleState, IllegalMove):
        shown = _of(request, shown.pk)
        return _shown(request, shown, problem=_overtaken(shown))
    except (MakerCannotApprove, PastCutOff, ContentChanged) as refusal:
        problem = str(CHANGED if refusal.field == "entry_count" else REFUSALS[type(refusal)])
        shown = _of(request, shown.pk)
        return _approval(request, shown, _approve_form(request, shown), problem=problem)
    messages.success(request, _("Approved. It goes to the bank before the cut-off."))
    return redirect("desk:batch", shown.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Role.FINANCE)
def batch_eject(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry out of the batch, with a reason: its payment is held, the others go on."""
    shown = _to_act_on(request, pk)
    asked = request.POST.get("entry") or request.GET.get("entry", "")
    planned = shown.entries.select_related("account_version")
    entry = get_object_or_404(planned, pk=asked if asked.isdecimal() else None)
    form = EjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.eject(entry, reason=form.cleaned_data["reason"], at=now())
        except NotPlanned:
            return _shown(request, _of(request, pk), problem=_gone(shown, entry))
        messages.success(request, _("Taken out. Its payment is on hold, the others go on."))
        return redirect("desk:batch", pk)
    told = {"batch": shown, "entry": entry, "form": form}
    return render(request, "desk/batch_eject.html", told, status=REFUSED if form.errors else 200)


@require_POST
@desk_page(Role.FINANCE)
def batch_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    shown, form = _to_act_on(request, pk), CancelForm(request.POST)
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


def _of_trace(request: HttpRequest, trace: str) -> int | None:
    """The newest batch with an entry of this trace: its digits repeat after ten million entries."""
    seen = Entry.objects.visible_to(person(request)).filter(trace=trace)
    found = seen.filter(batch__in=_mine(request).values("pk")).order_by("-trace_serial")
    return found.values_list("batch_id", flat=True).first()


def _to_act_on(request: HttpRequest, pk: int) -> Batch:
    found = _of(request, pk)
    if not _may_act(request, found):
        raise PermissionDenied
    return found


def _may_act(request: HttpRequest, shown: Batch) -> bool:
    homes = Property.objects.filter(units__leases__payments__entries__batch=shown)
    return reaches_all(person(request), Role.FINANCE, homes)


def _gone(shown: Batch, entry: Entry) -> str:
    entry.refresh_from_db()
    told = {"name": entry.name, "status": status_words(entry.status)}
    return _("Nothing was changed: the entry of %(name)s is now “%(status)s”.") % told


def _entries(request: HttpRequest, shown: Batch, *, may_eject: bool = False) -> EntryTable:
    rows = shown.entries.select_related("account_version").order_by("line", "pk")
    found = TraceFilter(request.GET).of(rows)
    return EntryTable(found, description=shown.description, may_eject=may_eject)


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
    out = shown.entries.filter(status=EntryStatus.EJECTED).order_by("pk")
    acts = _may_act(request, shown)
    may_stop = acts and shown.status in STOPPABLE
    told: dict[str, Any] = {
        **_live(shown),
        "table": paged(request, _entries(request, shown, may_eject=may_stop)),
        "search": TraceFilter(request.GET),
        "entry_hash": entry_hash(shown),
        "taken_out": out[:NAMED],
        "taken_out_count": out.count(),
        "cancel": cancel or CancelForm(),
        "problem": problem,
        "may_approve": acts and shown.status == BatchStatus.DRAFT,
        "may_cancel": may_stop,
        "is_maker": shown.made_by_id == person(request).pk,
        "may_see_file": _may_see_file(request, shown),
        "may_report": sees_everything(person(request)),
    }
    status = REFUSED if problem or cancel else 200
    return render(request, "desk/batch.html", told, status=status)


def _live(shown: Batch) -> dict[str, Any]:
    taken = steps(shown)
    return {
        "batch": shown,
        "steps": taken,
        "reached": sum(step.happened for step in taken),
        "progress": progress(shown),
        "is_moving": shown.status in MOVING,
    }
