"""How much, from where, when; and the yes to it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from housing_ach.mandates.models import BankAccount
from housing_ach.payments.selectors import Payable
from housing_ach.portal.device import Device, Signature
from housing_ach.portal.forms.payments import DayInput
from housing_ach.reports.templatetags.papers import dollars
from housing_ach.reports.templatetags.papers import words as account_words
from housing_ach.shared.money import BadAmount, cents_of
from housing_ach.tenants.states import PartialRule

ALL, DUE, OTHER = "ALL", "DUE", "OTHER"
AHEAD = timedelta(days=60)


class PayForm(forms.Form):
    """The amounts the policy in force allows. `due_cents` is what is due by today."""

    how = forms.ChoiceField(label=_("How much do you want to pay?"), widget=forms.RadioSelect)
    amount = forms.CharField(
        label=_("Other amount"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    account = forms.ChoiceField(label=_("From which bank account?"), widget=forms.RadioSelect)
    on = forms.DateField(label=_("On which day?"), input_formats=["%Y-%m-%d"], widget=DayInput)

    def __init__(
        self,
        *args: Any,
        payable: Payable,
        due_cents: int,
        accounts: Sequence[BankAccount],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payable, self.due_cents, self.today = payable, due_cents, today
        self.accounts = {str(account.pk): account for account in accounts}
        self._offer("how", self._amounts())
        self._offer("account", [(pk, account_named(row)) for pk, row in self.accounts.items()])
        if OTHER not in dict(self._amounts()):
            del self.fields["amount"]
        else:
            self.fields["amount"].help_text = self._least()
        self.fields["on"].help_text = _(
            "If banks are closed that day, the money moves on the next day they are open."
        )
        self.fields["on"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + AHEAD).isoformat(),
        }

    @property
    def whole_cents(self) -> int:
        """What is not on its way; if all is, what is open."""
        return self.payable.free_cents or self.payable.open_cents

    @property
    def takes_parts(self) -> bool:
        return self.payable.partial.value.rule != PartialRule.DENY

    @property
    def chosen_account(self) -> BankAccount:
        return self.accounts[self.cleaned_data["account"]]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if not self.today <= on <= self.today + AHEAD:
            raise forms.ValidationError(_("Choose a day from today on, within the next 60 days."))
        return on

    def clean(self) -> dict[str, Any]:
        """Puts the cents asked for among the cleaned data."""
        how = self.cleaned_data.get("how")
        if how == OTHER:
            self._read_amount()
        elif how:
            self.cleaned_data["cents"] = self.whole_cents if how == ALL else self.due_cents
        return self.cleaned_data

    def _read_amount(self) -> None:
        try:
            cents = cents_of(self.cleaned_data.get("amount", ""))
        except BadAmount:
            self.add_error("amount", _("Enter an amount like 1,234.56."))
            return
        least, most = self.payable.least_cents or 1, self.payable.open_cents
        if not least <= cents <= most:
            between = {"least": dollars(least), "most": dollars(most)}
            self.add_error("amount", now_("Enter an amount from %(least)s to %(most)s.") % between)
        self.cleaned_data["cents"] = cents

    def _amounts(self) -> list[tuple[str, str]]:
        whole = {"amount": dollars(self.whole_cents)}
        offered = [(ALL, now_("Everything that is open: %(amount)s") % whole)]
        if not self.takes_parts:
            return offered
        if self.payable.least_cents <= self.due_cents < self.whole_cents and self.due_cents:
            due = {"amount": dollars(self.due_cents)}
            offered.insert(0, (DUE, now_("What is due by today: %(amount)s") % due))
        return [*offered, (OTHER, now_("Another amount"))]

    def _least(self) -> str:
        least, most = self.payable.least_cents or 1, self.payable.open_cents
        between = {"least": dollars(least), "most": dollars(most)}
        return now_("From %(least)s to %(most)s, if you chose another amount.") % between

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared
        field.choices = choices
        field.initial = choices[0][0] if choices else None


class ConfirmForm(forms.Form):
    """What was reviewed, and the yes to it; `signs` and `repeats` say what else must be agreed to."""

    cents = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    account = forms.IntegerField(widget=forms.HiddenInput)
    on = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    insists = forms.BooleanField(
        label=_("Yes, I want to pay this as well"),
        widget=forms.CheckboxInput(attrs={"data-secret": ""}),
        error_messages={"required": _("Check this box if you really want to pay it too.")},
    )
    signed_name = forms.CharField(
        label=_("Your full name, as your signature"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Type your full name to sign.")},
    )
    agrees = forms.BooleanField(
        label=_("I have read the terms, and I authorize this one payment from my bank account"),
        error_messages={"required": _("Check this box to give your permission.")},
        # Kept over a sign-in, it would be ticked beforehand.
        widget=forms.CheckboxInput(attrs={"data-secret": ""}),
    )

    def __init__(self, *args: Any, signs: bool, repeats: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not signs:
            del self.fields["signed_name"], self.fields["agrees"]
        if not repeats:
            del self.fields["insists"]

    def signature(self, device: Device) -> Signature | None:
        name = self.cleaned_data.get("signed_name")
        return Signature(name, device) if name else None


def account_named(account: BankAccount) -> str:
    named = {"account": account_words(account.account_type), "ending": account.last_four}
    return now_("%(account)s ending %(ending)s") % named
