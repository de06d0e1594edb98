import json
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.desk.tables_clients import PROOFS, SCOPES
from housing_ach.shared.problems import Refusal
from housing_ach.users.clients import Proof, known_networks
from housing_ach.users.models import Client
from housing_ach.users.proofs import thumbprints_of
from housing_ach.users.states import ClientAuth, Scope
from housing_ach.users.step_up import StepUpForm

LONGEST = 20_000
STATES = {
    "ACTIVE": Q(is_active=True),
    "DRAFT": Q(approved_at=None) | Q(is_active=True, has_change=True),
    "DISABLED": Q(is_active=False, approved_at__isnull=False),
}
NETWORKS = forms.CharField(
    label=_("Networks it may call from"),
    help_text=_(
        "One a line, such as 192.0.2.7 or 10.20.0.0/16. Leave it empty to allow calls from anywhere."
    ),
    required=False,
    max_length=2000,
    widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
)
JWKS = forms.CharField(
    label=_("Public keys (JWKS)"),
    help_text=_('The JSON text with "keys". Each key is public, and has a kid.'),
    required=False,
    max_length=LONGEST,
    widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
)
CERTIFICATE = forms.CharField(
    label=_("Certificate (PEM)"),
    help_text=_("Paste the text from BEGIN CERTIFICATE to END CERTIFICATE, without its key."),
    required=False,
    max_length=LONGEST,
    widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
)
FILE = forms.FileField(label=_("Or a file with it"), required=False)


class ClientFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(label=_("Name or client ID"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("DRAFT", _("Needs approval")),
            ("ACTIVE", _("Active")),
            ("DISABLED", _("Disabled")),
        ],
    )
    scope = forms.ChoiceField(
        label=_("May"), required=False, choices=[("", _("Anything")), *SCOPES.items()]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def of(self, clients: QuerySet[Client]) -> QuerySet[Client]:
        said = self.cleaned_data
        if text := said.get("q"):
            clients = clients.filter(Q(name__icontains=text) | Q(client_id__icontains=text))
        if state := said.get("state"):
            clients = clients.filter(STATES[state])
        if scope := said.get("scope"):
            clients = clients.filter(scopes__contains=[scope])
        return clients.order_by(F("name"), "pk")


class _Given(forms.Form):
    """What is pasted or uploaded, read as keys or certificates."""

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def keys(self) -> dict[str, Any]:
        try:
            found = json.loads(self.cleaned_data.get("jwks") or "")
        except ValueError:
            self.add_error("jwks", ValidationError(_("That is no JSON text.")))
            return {}
        return found if isinstance(found, dict) else {"keys": found}

    def thumbprints(self) -> dict[str, datetime]:
        upload = self.cleaned_data.get("file")
        text = upload.read(LONGEST).decode("ascii", "replace") if upload else ""
        try:
            return thumbprints_of(text or self.cleaned_data.get("certificate", ""), at=self.at)
        except Refusal as problem:
            self.add_error("certificate", said(problem))
            return {}


class RegisterForm(_Given):
    name = forms.CharField(
        label=_("Name"), help_text=_("Which system it is, and whose."), max_length=100
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value],
    )
    method = forms.ChoiceField(
        label=_("How it proves itself"),
        choices=list(PROOFS.items()),
        widget=forms.RadioSelect,
        initial=ClientAuth.CERTIFICATE.value,
    )
    jwks, certificate, file, networks = JWKS, CERTIFICATE, FILE, NETWORKS

    def clean_name(self) -> str:
        """A page that is sent again makes no second client."""
        name: str = self.cleaned_data["name"]
        if Client.objects.filter(name__iexact=name).exists():
            raise ValidationError(_("There is a client of this name already."))
        return name

    def clean_networks(self) -> list[str]:
        return _networks(self.cleaned_data["networks"])

    def proof(self) -> Proof:
        method = self.cleaned_data["method"]
        if method == ClientAuth.KEY:
            return Proof(method, jwks=self.keys())
        if method == ClientAuth.CERTIFICATE:
            return Proof(method, thumbprints=self.thumbprints())
        return Proof(method)


class ProofForm(_Given):
    """Another key or certificate; a new secret is only asked for."""

    jwks, certificate, file = JWKS, CERTIFICATE, FILE

    def __init__(self, *args: Any, method: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {ClientAuth.KEY: {"jwks"}, ClientAuth.CERTIFICATE: {"certificate", "file"}}
        for name in self.fields.keys() - kept.get(ClientAuth(method), set()):
            del self.fields[name]


class NetworksForm(forms.Form):
    networks = NETWORKS

    def clean_networks(self) -> list[str]:
        return _networks(self.cleaned_data["networks"])


class ScopesForm(forms.Form):
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )


class SshKeyForm(forms.Form):
    line = forms.CharField(
        label=_("Public SSH key"),
        help_text=_(
            "The one line of a .pub file, such as ssh-ed25519 AAAA… Never the private key."
        ),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )


class ApproveClientForm(StepUpForm):
    """`seen` is what the approver was shown: only that is approved."""

    seen = forms.CharField(widget=forms.HiddenInput)


class EnableForm(StepUpForm):
    """To let it in again is as much as to let it in."""


def said(problem: Refusal) -> str:
    """Without the name of the field, which stands beside it."""
    words = str(problem).partition(": ")[2] or str(problem)
    return f"{words[:1].upper()}{words[1:]}."


def _networks(text: str) -> list[str]:
    try:
        return known_networks(text.split())
    except Refusal as problem:
        raise ValidationError(said(problem)) from problem
