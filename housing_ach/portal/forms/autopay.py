"""The steps of autopay: how much, and when; and the yes to it."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from housing_ach.mandates.states import AutopayMode, OverCap, Roll
from housing_ach.portal.device import Device, Signature
from housing_ach.portal.drafts import Draft
from housing_ach.portal.forms.payments import DayInput
from housing_ach.shared.money import BadAmount, cents_of, dollars

MODES: dict[AutopayMode, tuple[Promise, Promise]] = {
    AutopayMode.FULL_BALANCE: (
        _("The full balance"),
        _("All that is due by the day of the debit: rent, fees and other charges. Best for most."),
    ),
    AutopayMode.CAPPED: (
        _("The full balance, up to a limit"),
        _("As above, but never more than your limit."),
    ),
    AutopayMode.FIXED: (
        _("The same amount each month"),
        _("If you owe less, we take less. If you owe more, the rest stays open."),
    ),
    AutopayMode.PERCENT: (
        _("A part of the balance"),
        _("For example 50 percent, if a roommate pays the other half."),
    ),
    AutopayMode.RECURRING_ONLY: (
        _("The regular charges only"),
        _("Rent and what else comes every month. One-time charges you pay yourself."),
    ),
}
OVER_CAP: dict[OverCap, Promise] = {
    OverCap.PAY_CAP: _("Take the limit. I pay the rest myself."),
    OverCap.SKIP: _("Take nothing that month. I pay myself."),
}
ROLLS: dict[Roll, Promise] = {
    Roll.FORWARD: _("The next day banks are open"),
    Roll.BACKWARD: _("The last day before on which banks are open"),
}
# The field in which each way of choosing an amount asks for it.
ASKED = {
    AutopayMode.FIXED: "fixed",
    AutopayMode.CAPPED: "cap",
}
LONGEST_PAUSE = timedelta(days=366)
MONEY = {"inputmode": "decimal", "autocomplete": "off"}


class AskedField(forms.CharField):
    """Must be filled in where its choice is made, which its form looks at."""

    def validate(self, value: Any) -> None:
        """Nothing typed is no mistake by itself."""


class AskedPercent(forms.DecimalField):
    def validate(self, value: Any) -> None:
        """As above."""
        if value is not None:
            super().validate(value)


def _money(label: Any, help_text: Any) -> forms.CharField:
    return AskedField(
        label=label,
        help_text=help_text,
        max_length=20,
        widget=forms.TextInput(attrs=MONEY),
    )


class AmountForm(forms.Form):
    """Which fields count depends on the way that is chosen; the others are left alone."""

    mode = forms.ChoiceField(label=_("What should we take each month?"), widget=forms.RadioSelect)
    fixed = _money(_("Amount each month"), _("Like 1,250.00."))
    allow_prepay = forms.BooleanField(
        label=_("Take this amount even when I owe less, and keep the rest for later charges."),
        required=False,
    )
    cap = _money(_("Your limit"), _("We never take more than this in one month."))
    over_cap = forms.ChoiceField(
        label=_("And if more is due?"),
        choices=list(OVER_CAP.items()),
        initial=OverCap.PAY_CAP,
        required=False,
        widget=forms.RadioSelect,
    )
    percent = AskedPercent(
        label=_("Percent of the balance"),
        help_text=_("From 0.01 to 100."),
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        decimal_places=2,
        widget=forms.TextInput(attrs=MONEY),
    )
    most = _money(
        _("The most you expect in one month"),
        _("If a payment would be more, we write to you ten days before, or do not take it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mode = self.fields["mode"]
        assert isinstance(mode, forms.ChoiceField)  # noqa: S101 - as declared
        mode.choices = [(way, explained(*words)) for way, words in MODES.items()]

    def clean(self) -> dict[str, Any]:
        mode = self.cleaned_data.get("mode")
        if mode:
            self._read(AutopayMode(mode))
        return self.cleaned_data

    @property
    def answers(self) -> dict[str, Any]:
        """Of a draft."""
        told = self.cleaned_data
        mode = AutopayMode(told["mode"])
        is_capped, is_fixed = mode == AutopayMode.CAPPED, mode == AutopayMode.FIXED
        is_part = mode == AutopayMode.PERCENT
        return {
            "mode": mode.value,
            "cents": told["cents"] if mode in ASKED else None,
            "basis_points": int(told["percent"] * 100) if is_part else None,
            "over_cap": (told["over_cap"] if is_capped else "") or OverCap.PAY_CAP.value,
            "allow_prepay": is_fixed and told["allow_prepay"],
            "most_cents": told["cents"],
        }

    def _read(self, mode: AutopayMode) -> None:
        if mode == AutopayMode.PERCENT and self.cleaned_data.get("percent", "") is None:
            self.add_error("percent", _("Enter a number from 0.01 to 100."))
        name = ASKED.get(mode, "most")
        try:
            cents = cents_of(self.cleaned_data.get(name, ""))
        except BadAmount:
            cents = 0
        if not 0 < cents <= MOST_CENTS:
            self.add_error(name, _("Enter an amount like 1,250.00."))
        self.cleaned_data["cents"] = cents


# More than any home costs, and less than a database holds.
MOST_CENTS = 10_000_000


def amount_first(draft: Draft, suggested_cents: int) -> dict[str, Any]:
    """What the first step shows before anything is typed."""
    asked = ASKED.get(AutopayMode(draft.mode), "most") if draft.mode else "most"
    cents = draft.most_cents or suggested_cents
    percent = draft.basis_points and f"{draft.basis_points / 100:g}"
    return {
        "mode": draft.mode or AutopayMode.FULL_BALANCE,
        "over_cap": draft.over_cap,
        "allow_prepay": draft.allow_prepay,
        "percent": percent,
        "most": dollars(suggested_cents) if suggested_cents else "",
        asked: dollars(cents) if cents else "",
    }


class ScheduleForm(forms.Form):
    day_of_month = forms.TypedChoiceField(label=_("On which day of the month?"), coerce=int)
    roll = forms.ChoiceField(
        label=_("If banks are closed that day"),
        choices=list(ROLLS.items()),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["day_of_month"]
        assert isinstance(day, forms.ChoiceField)  # noqa: S101 - as declared
        day.choices = list(_days())


class SignForm(forms.Form):
    """Never ticked beforehand."""

    signed_name = forms.CharField(
        label=_("Your full name, as your signature"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agrees = forms.BooleanField(
        label=_("I have read the terms, and I authorize these payments from my bank account.")
    )

    def signature(self, device: Device) -> Signature:
        return Signature(self.cleaned_data["signed_name"], device)


class PauseForm(forms.Form):
    until = forms.DateField(
        label=_("Pause until, and including"), input_formats=["%Y-%m-%d"], widget=DayInput
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today <= until <= self.today + LONGEST_PAUSE:
            raise forms.ValidationError(_("Choose a day from today on, within a year."))
        return until


class SkipForm(forms.Form):
    """Which debit the page showed, so that no other is left out."""

    day = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)


def explained(words: object, why: object) -> SafeString:
    return format_html('<strong>{}</strong><br><span class="muted small">{}</span>', words, why)


def _days() -> Iterable[tuple[int, str]]:
    for number in range(1, 29):
        yield number, str(number)
    for number in (29, 30, 31):
        yield number, now_("%(day)s, or the last day of a shorter month") % {"day": number}
