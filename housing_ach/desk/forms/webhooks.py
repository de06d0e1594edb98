from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.users.models import Client
from housing_ach.users.step_up import StepUpForm
from housing_ach.webhooks.catalogue import KINDS
from housing_ach.webhooks.models import BATCH, Endpoint
from housing_ach.webhooks.services.callbacks import callback_of
from housing_ach.webhooks.states import EndpointStatus

DAY = forms.DateInput(attrs={"type": "date"})
# Kinds are told in families: who wants to know of payments wants to know how they end.
FAMILIES: Mapping[str, Promise] = {
    "payment": _("Payments"),
    "authorization": _("Authorizations"),
    "bank_account": _("Bank accounts"),
    "batch": _("Batches"),
    "file": _("Files"),
    "exception": _("Exceptions"),
}
FAILED, EVERYTHING = "FAILED", "ALL"


def kinds_of(families: Sequence[str]) -> list[str]:
    return sorted(kind for kind in KINDS if kind.partition(".")[0] in families)


class EndpointFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(label=_("Address or client"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            (EndpointStatus.ACTIVE.value, _("Active")),
            (EndpointStatus.PAUSED.value, _("Paused")),
            (EndpointStatus.DISABLED.value, _("Disabled")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def of(self, endpoints: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
        said = self.cleaned_data
        if text := said.get("q"):
            endpoints = endpoints.filter(Q(url__icontains=text) | Q(client__name__icontains=text))
        if status := said.get("status"):
            endpoints = endpoints.filter(status=status)
        return endpoints


class EndpointForm(StepUpForm):
    client = forms.ModelChoiceField(
        Client.objects.exclude(approved_by=None).order_by("name", "pk"),
        label=_("Client"),
        help_text=_("Whose address it is. Only approved clients are here."),
        empty_label=_("Choose one"),
    )
    url = forms.CharField(
        label=_("Address"),
        help_text=_(
            "It begins with https:// and is reached from the internet. One with {batchId} in it is"
            " the client's callback: it is told what came back of its own batches alone."
        ),
        max_length=500,
        widget=forms.URLInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    description = forms.CharField(label=_("What it is for"), required=False, max_length=200)
    families = forms.MultipleChoiceField(
        label=_("What it is told"),
        help_text=_("Choose none to tell it everything."),
        required=False,
        choices=list(FAMILIES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("client", "url", "description", "families", "code", "password")

    def clean(self) -> dict[str, Any] | None:
        """A page that is sent again makes no second endpoint."""
        cleaned = super().clean()
        client, url = self.cleaned_data.get("client"), self.cleaned_data.get("url")
        told = Endpoint.objects.exclude(status=EndpointStatus.DISABLED)
        if client and url and told.filter(client=client, url=url).exists():
            self.add_error("url", ValidationError(_("The client is told there already.")))
        if client and url and BATCH in url and callback_of(client):
            self.add_error("url", ValidationError(_("The client has a callback already.")))
        return cleaned


class RotateForm(StepUpForm):
    """`seen` is the newest secret that was there: a page that is sent again makes no third one."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class ReplayForm(forms.Form):
    first = forms.DateField(label=_("From"), widget=DAY)
    last = forms.DateField(label=_("To"), widget=DAY)
    which = forms.ChoiceField(
        label=_("Which"),
        choices=[(FAILED, _("What was given up")), (EVERYTHING, _("Everything, also delivered"))],
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", ValidationError(_("The end is before the beginning.")))
        return cleaned
