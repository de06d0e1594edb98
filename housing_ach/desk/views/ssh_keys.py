"""The keys with which a program brings files: one person adds one, another approves it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from housing_ach.clock.services import now
from housing_ach.desk.access import person
from housing_ach.desk.forms.clients import SshKeyForm, said
from housing_ach.desk.views.clients import AGREE, REFUSALS, REFUSED, SET_UP, client_of, client_page
from housing_ach.shared.problems import Refusal
from housing_ach.users.models import SshKey
from housing_ach.users.ssh_keys import add_ssh_key, approve_ssh_key
from housing_ach.users.step_up import StepUpForm


@require_POST
@SET_UP
def client_ssh_key(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = client_of(pk), SshKeyForm(request.POST)
    if form.is_valid():
        try:
            add_ssh_key(found, line=form.cleaned_data["line"], by=person(request), at=now())
        except Refusal as problem:
            form.add_error("line", said(problem))
        else:
            messages.success(request, _("Added. It counts once a second person approved it."))
            return redirect("desk:client", pk)
    return client_page(request, found, ssh_key=form)


@require_http_methods(["GET", "HEAD", "POST"])
@AGREE
def ssh_key_approve(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(SshKey.objects.select_related("client", "made_by"), pk=pk)
    if key.approved_by_id:
        messages.warning(request, _("Somebody was faster: nothing waits any more."))
        return redirect("desk:client", key.client_id)
    form, problem = StepUpForm(request.POST or None, request=request), ""
    if request.method == "POST" and form.is_valid():
        try:
            approve_ssh_key(key, by=person(request), at=now())
        except Refusal as refusal:
            problem = str(REFUSALS.get(type(refusal)) or said(refusal))
        else:
            messages.success(request, _("Approved. It counts from now on."))
            return redirect("desk:client", key.client_id)
    told = {
        "key": key,
        "client": key.client,
        "form": form,
        "problem": problem,
        "is_maker": person(request) == key.made_by,
    }
    status = REFUSED if problem or form.errors else 200
    return render(request, "desk/ssh_key_approve.html", told, status=status)
