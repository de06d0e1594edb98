"""Which bank account, a new one, and the amounts of its two deposits."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.states import AccountType, VerificationStatus
from housing_ach.nacha import valid_routing
from housing_ach.portal.forms.autopay import explained
from housing_ach.portal.forms.pay import account_named
from housing_ach.shared.templatetags.ui import LOOKS
from housing_ach.tenants.states import VerificationOffer
from housing_ach.users.step_up import StepUpForm

NEW = "NEW"
ROUTING = re.compile(r"[0-9]{9}", re.ASCII)
# "0.12", ".12" or "12": cents of a deposit under a dollar.
CENTS = re.compile(r"\$?\s*0?(?:\.([0-9]{2})|([1-9][0-9]?))", re.ASCII)
WAYS: dict[VerificationOffer, tuple[Promise, Promise]] = {
    VerificationOffer.MICRO_DEPOSIT: (
        _("Two small deposits"),
        _("We send two amounts under a dollar. In a day or two you tell us how much they were."),
    ),
    VerificationOffer.PRENOTE: (
        _("A test without money"),
        _("We ask your bank whether the account is there. It takes about a week; you do nothing."),
    ),
}
SECRETS = ("account_number", "account_number_again", "password", "code")
NEW_FIELDS = ("account_type", "holder_name", "routing", "account_number", "account_number_again")


class SecretInput(forms.TextInput):
    """What was typed never comes back in a page."""

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, dict(attrs or {}))


def _secret(label: Any, help_text: Any) -> forms.CharField:
    attrs = {
        "inputmode": "numeric",
        "autocomplete": "off",
        "spellcheck": "false",
        "data-secret": "",
    }
    return forms.CharField(
        label=label, help_text=help_text, max_length=40, widget=SecretInput(attrs=attrs)
    )


class AccountForm(StepUpForm):
    """One of the payer's accounts, or a new one; `steps_up`: who only picks shows who he is too.

    Fields of a new account are left out where another one was picked.
    """

    account = forms.ChoiceField(label=_("Which account should we use?"), widget=forms.RadioSelect)
    account_type = forms.ChoiceField(
        label=_("Kind of account"),
        choices=[(AccountType.CHECKING, _("Checking")), (AccountType.SAVINGS, _("Savings"))],
        widget=forms.RadioSelect,
    )
    holder_name = forms.CharField(
        label=_("Name on the account"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    routing = forms.CharField(
        label=_("Routing number"),
        help_text=_("Nine digits, at the lower left of a check."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    account_number = _secret(_("Account number"), _("4 to 17 digits, to the right of it."))
    account_number_again = _secret(
        _("Account number again"), _("So that no digit is wrong. You may paste it.")
    )
    verify_by = forms.ChoiceField(
        label=_("How may we check that the account is yours?"),
        required=False,
        widget=forms.RadioSelect,
    )
    field_order = ["account", *NEW_FIELDS, "verify_by", "code", "password"]

    def __init__(
        self,
        data: Any = None,
        *,
        request: HttpRequest,
        accounts: Sequence[BankAccount],
        offers: Sequence[VerificationOffer],
        steps_up: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, request=request, **kwargs)
        self.accounts = {str(account.pk): account for account in accounts}
        self.offers = offers
        picks = [(key, _named(account)) for key, account in self.accounts.items()]
        self._offer("account", [*picks, (NEW, _("Another account, which I add now"))])
        self._offer("verify_by", [(way, explained(*WAYS[way])) for way in offers])
        if not picks:
            del self.fields["account"]
        if not self.adds:
            for name in (*NEW_FIELDS, *(() if steps_up else ("code", "password"))):
                self.fields.pop(name, None)

    @property
    def adds(self) -> bool:
        """A new account is to be added, as far as can be told."""
        if not self.accounts:
            return True
        return not self.is_bound or self.data.get("account") not in self.accounts

    @property
    def all_verified(self) -> bool:
        """Only a new account is still to be checked."""
        states = {account.verification for account in self.accounts.values()}
        return bool(states) and states == {VerificationStatus.VERIFIED}

    @property
    def chosen(self) -> BankAccount | None:
        return self.accounts.get(self.cleaned_data.get("account", ""))

    def clean_routing(self) -> str:
        """Spaces and hyphens are how people write it down."""
        digits = re.sub(r"[\s-]", "", self.cleaned_data["routing"])
        if not ROUTING.fullmatch(digits) or not valid_routing(digits) or not int(digits):
            raise forms.ValidationError(
                _("That routing number is not valid. Check the nine digits.")
            )
        return digits

    def clean_account_number_again(self) -> str:
        first = "".join(self.cleaned_data.get("account_number", "").split())
        again = "".join(self.cleaned_data["account_number_again"].split())
        if first and first != again:
            raise forms.ValidationError(_("The two account numbers are not the same."))
        return again

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        routing = self.cleaned_data.get("routing")
        if routing and routing == self.cleaned_data.get("account_number"):
            self.add_error(
                "account_number", _("This is the routing number. Enter the account number.")
            )
        if not self.cleaned_data.get("verify_by"):
            self._one_way()
        return cleaned

    def _one_way(self) -> None:
        """Where only one is offered, nobody has to choose it."""
        account = self.chosen
        waits = account is None or account.verification in {
            VerificationStatus.UNVERIFIED,
            VerificationStatus.FAILED,
        }
        if waits and len(self.offers) == 1:
            self.cleaned_data["verify_by"] = self.offers[0].value
        elif waits:
            self.add_error("verify_by", _("Choose how we may check the account."))

    def _offer(self, name: str, choices: Sequence[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared
        field.choices = choices


class DepositField(forms.CharField):
    """Cents from 1 to 99."""

    def clean(self, value: Any) -> int:
        found = CENTS.fullmatch(super().clean(value))
        cents = int(found[1] or found[2]) if found else 0
        if not cents:
            raise forms.ValidationError(_("Enter an amount under a dollar, like 0.12."))
        return cents


class DepositsForm(forms.Form):
    first = DepositField(
        label=_("One of the deposits"),
        help_text=_("Like 0.12. The order does not matter."),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    second = DepositField(
        label=_("The other deposit"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    @property
    def cents(self) -> tuple[int, int]:
        return self.cleaned_data["first"], self.cleaned_data["second"]


def _named(account: BankAccount) -> object:
    if account.verification == VerificationStatus.VERIFIED:
        return account_named(account)
    return explained(account_named(account), LOOKS[account.verification].words)
