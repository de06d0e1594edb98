"""The programs that call: who lets them in, how they prove themselves, and where from they may call."""

import json
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from housing_ach.clock.services import now, wall_time
from housing_ach.desk import tables_clients as shown
from housing_ach.desk.access import desk_page, person
from housing_ach.desk.certificate_ends import endings_of
from housing_ach.desk.client_history import client_history
from housing_ach.desk.forms.clients import (
    ApproveClientForm,
    ClientFilter,
    EnableForm,
    NetworksForm,
    ProofForm,
    RegisterForm,
    ScopesForm,
    SshKeyForm,
    said,
)
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tables import as_csv, paged
from housing_ach.tenants.states import Role
from housing_ach.users import clients as services
from housing_ach.users import proofs
from housing_ach.users.clients import NotTheSecondPerson
from housing_ach.users.models import Client, ProofChange
from housing_ach.users.ssh_keys import remove_ssh_key
from housing_ach.users.states import ClientAuth, Scope

REFUSED = 422
LOOK = desk_page(Role.FINANCE, Role.AUDITOR, Role.ADMIN, whole=True)
SET_UP = desk_page(Role.ADMIN, whole=True)
# Who lets a program in opens a way to money: finance may say so as well.
AGREE = desk_page(Role.ADMIN, Role.FINANCE, whole=True)
CHANGED = later("It changed while you looked at it. Please check it again.")
YOURS = later("You asked for this, so somebody else has to approve it.")
REFUSALS: dict[type[Refusal], Promise] = {
    NotTheSecondPerson: YOURS,
    proofs.AlreadyWaiting: later("A change waits for its approval already."),
    proofs.NothingWaits: later("Somebody was faster: nothing waits any more."),
    proofs.LastProof: later(
        "It is the last one: without it the client cannot prove who it is. Add another one first."
    ),
}


@require_safe
@LOOK
def integrations(request: HttpRequest) -> HttpResponse:
    return redirect("desk:clients")


@require_safe
@LOOK
def clients(request: HttpRequest) -> HttpResponseBase:
    filters = ClientFilter(request.GET)
    table = shown.ClientTable(filters.of(_all()), at=now())
    if request.GET.get("format") == "csv":
        return as_csv(request, table, "api-clients")
    told = {"table": paged(request, table), "filters": filters, "may_set_up": _is_admin(request)}
    return render(request, "desk/clients.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@SET_UP
def client_new(request: HttpRequest) -> HttpResponse:
    """The secret is on the page that answers, and nowhere else."""
    form = RegisterForm(request.POST or None, request.FILES or None, at=now())
    if request.method == "POST" and form.is_valid():
        proof, typed = form.proof(), form.cleaned_data
        if not form.errors:
            try:
                client, secret = services.register_client(
                    name=typed["name"],
                    scopes=typed["scopes"],
                    proof=proof,
                    networks=typed["networks"],
                    by=person(request),
                    at=now(),
                )
            except Refusal as problem:
                form.add_error(
                    problem.field if problem.field in form.fields else None, said(problem)
                )
            else:
                return _told_once(request, client, secret)
    status = REFUSED if form.errors else 200
    return render(request, "desk/client_new.html", {"form": form}, status=status)


@require_safe
@LOOK
def client(request: HttpRequest, pk: int) -> HttpResponse:
    return client_page(request, client_of(pk))


@require_http_methods(["GET", "HEAD", "POST"])
@AGREE
def client_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """What waits: the client itself, or a new proof of it."""
    found = client_of(pk)
    change = _waiting(found)
    if found.approved_by_id and change is None:
        messages.warning(request, str(REFUSALS[proofs.NothingWaits]))
        return redirect("desk:client", pk)
    form = ApproveClientForm(request.POST or None, request=request)
    problem = ""
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] == _seen(found, change):
            try:
                _approve(request, found, change)
            except Refusal as refusal:
                problem = str(REFUSALS.get(type(refusal)) or refusal)
            else:
                messages.success(request, _("Approved. It counts from now on."))
                return redirect("desk:client", pk)
        problem = problem or str(CHANGED)
    if not form.errors:
        form = ApproveClientForm(request=request, initial={"seen": _seen(found, change)})
    told = {
        "client": found,
        "change": change,
        "form": form,
        "problem": problem,
        "is_maker": person(request) == (change or found).made_by,
        **_facts(found, change),
    }
    status = REFUSED if problem or form.errors else 200
    return render(request, "desk/client_approve.html", told, status=status)


@require_POST
@SET_UP
def client_act(request: HttpRequest, pk: int) -> HttpResponse:
    """`do`: disable, drop (what waits), or remove (a key or certificate by its name, an SSH key by its id)."""
    found, do = client_of(pk), request.POST.get("do", "")
    try:
        if do == "disable":
            services.disable_client(found)
            messages.success(request, _("Disabled: no token of it is taken any more."))
        elif do == "remove":
            proofs.remove_proof(found, request.POST.get("proof", ""))
            messages.success(request, _("Taken away: it counts no more."))
        elif do == "remove-ssh":
            remove_ssh_key(get_object_or_404(found.ssh_keys, pk=_number(request, "key")))
            messages.success(request, _("Taken away: it opens no session any more."))
        elif do == "drop":
            change = _waiting(found)
            if change:
                proofs.drop_change(change, at=now())
            messages.success(request, _("Dropped: nothing waits any more."))
    except Refusal as problem:
        return client_page(
            request, client_of(pk), problem=str(REFUSALS.get(type(problem)) or said(problem))
        )
    return redirect("desk:client", pk)


@require_POST
@SET_UP
def client_enable(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = client_of(pk), EnableForm(request.POST, request=request)
    if form.is_valid():
        try:
            services.enable_client(found)
        except Refusal as problem:
            form.add_error(None, said(problem))
        else:
            messages.success(request, _("Enabled: it may call again."))
            return redirect("desk:client", pk)
    return client_page(request, found, enable=form)


@require_POST
@SET_UP
def client_networks(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = client_of(pk), NetworksForm(request.POST)
    if form.is_valid():
        services.set_networks(found, form.cleaned_data["networks"])
        messages.success(request, _("The networks are changed."))
        return redirect("desk:client", pk)
    return client_page(request, found, networks=form)


@require_POST
@SET_UP
def client_scopes(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = client_of(pk), ScopesForm(request.POST)
    if form.is_valid():
        try:
            proofs.ask_for_scopes(found, form.cleaned_data["scopes"], by=person(request), at=now())
        except Refusal as problem:
            form.add_error("scopes", str(REFUSALS.get(type(problem)) or said(problem)))
        else:
            messages.success(request, _("Asked for. It counts once a second person approved it."))
            return redirect("desk:client", pk)
    return client_page(request, found, scopes_form=form)


@require_POST
@never_cache
@SET_UP
def client_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, key or certificate beside the old one; it waits for a second person."""
    found = client_of(pk)
    form = ProofForm(request.POST, request.FILES, at=now(), method=found.auth_method)
    who: dict[str, Any] = {"by": person(request), "at": now()}
    try:
        if found.auth_method == ClientAuth.SECRET:
            _change, secret = proofs.ask_for_secret(found, **who)
            return _told_once(request, found, secret, is_new=False)
        _add_proof(found, form, who)
    except Refusal as problem:
        words = str(REFUSALS.get(type(problem)) or said(problem))
        return client_page(request, client_of(pk), problem=words, proof=form)
    if form.errors:
        return client_page(request, found, proof=form)
    messages.success(request, _("Added. It counts once a second person approved it."))
    return redirect("desk:client", pk)


def _add_proof(found: Client, form: ProofForm, who: dict[str, Any]) -> None:
    if not form.is_valid():
        return
    if found.auth_method == ClientAuth.KEY:
        keys = form.keys()
        if not form.errors:
            proofs.ask_for_keys(found, keys, **who)
    else:
        prints = form.thumbprints()
        if not form.errors:
            proofs.ask_for_certificates(found, prints, **who)


def _all() -> QuerySet[Client]:
    waiting = ProofChange.objects.waiting().filter(client=OuterRef("pk"))
    rows = Client.objects.select_related("use", "made_by", "approved_by")
    return rows.annotate(has_change=Exists(waiting))


def client_of(pk: int) -> Client:
    return get_object_or_404(_all(), pk=pk)


def _waiting(found: Client) -> ProofChange | None:
    return found.proof_changes.waiting().select_related("made_by").first()


def _is_admin(request: HttpRequest) -> bool:
    return Role.ADMIN in request.roles_of_all  # type: ignore[attr-defined]


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def _approve(request: HttpRequest, found: Client, change: ProofChange | None) -> None:
    who: dict[str, Any] = {"by": person(request), "at": now()}
    if found.approved_by_id is None:
        services.approve_client(found, **who)
    elif change:
        proofs.approve_change(change, **who)


def _seen(found: Client, change: ProofChange | None) -> str:
    waits: list[Any] = []
    if change:
        waits = [change.pk, change.secret_hash, change.jwks, change.thumbprints, change.scopes]
    held = [found.scopes, found.secret_hash, found.jwks, found.thumbprints, found.networks]
    return sha256(json.dumps([*held, *waits]).encode()).hexdigest()


def _facts(found: Client, change: ProofChange | None = None) -> dict[str, Any]:
    ends = endings_of(found, at=wall_time())
    return {
        "scopes": [shown.SCOPES[scope] for scope in found.scopes],
        "new_scopes": [shown.SCOPES[scope] for scope in change.scopes] if change else [],
        "endings": [end for end in ends.values() if end.is_over or end.is_soon],
        "proof_words": shown.PROOFS[found.auth_method],
        "names": [*((kid, None) for kid in proofs.kids_of(found.jwks)), *ends.items()],
        "new_names": [*proofs.kids_of(change.jwks), *change.thumbprints] if change else [],
    }


def _told_once(
    request: HttpRequest, found: Client, secret: str, *, is_new: bool = True
) -> HttpResponse:
    told = {"client": found, "secret": secret, "is_new": is_new}
    return render(request, "desk/client_secret.html", told)


def client_page(
    request: HttpRequest, found: Client, *, problem: str = "", **forms: Any
) -> HttpResponse:
    at, change, may = now(), _waiting(found), _is_admin(request)
    may_agree = bool({Role.ADMIN, Role.FINANCE} & request.roles_of_all)  # type: ignore[attr-defined]
    fresh = {
        "networks": NetworksForm(initial={"networks": "\n".join(found.networks)}),
        "proof": ProofForm(at=at, method=found.auth_method),
        "enable": EnableForm(request=request),
        "scopes_form": ScopesForm(initial={"scopes": found.scopes}),
        "ssh_key": SshKeyForm(),
    }
    told = {
        "client": found,
        "badge": shown.client_badge(found),
        "state": shown.state_of(found),
        "change": change,
        "use": getattr(found, "use", None),
        "age": shown.age_words(found, at=at),
        "since": proofs.proof_since(found),
        "is_old": shown.is_old(found, at=at),
        "old_days": proofs.OLD.days,
        "overlap": proofs.OVERLAP.days * 24,
        "problem": problem,
        "may_set_up": may,
        "may_agree": may_agree,
        "may_approve": may_agree and person(request) != (change or found).made_by,
        "ssh_keys": found.ssh_keys.select_related("made_by", "approved_by").order_by("pk"),
        "brings_files": Scope.WRITE in found.scopes,
        "history": client_history(found),
        **_facts(found, change),
        **fresh,
        **forms,
    }
    return render(request, "desk/client.html", told, status=REFUSED if problem or forms else 200)
