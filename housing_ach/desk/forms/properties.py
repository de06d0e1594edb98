from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from housing_ach.tenants.models import Lease, Property
from housing_ach.tenants.states import PartialRule, Roll, Rollout, VerificationOffer

CENTS = 100
NOT_SAID = ("", _("As the level above says"))


class RolloutForm(forms.Form):
    rollout = forms.ChoiceField(label=_("New mode"), choices=Rollout.choices)
    override = forms.CharField(
        label=_("Reason to go on although a check fails"),
        help_text=_("It is kept in the audit trail with your name."),
        required=False,
        max_length=300,
    )


class PilotForm(forms.Form):
    """A property has too many leases for a list to choose from: one is typed."""

    lease = forms.CharField(
        label=_("Lease"), help_text=_("Its number, or the unit it is for."), max_length=60
    )

    def __init__(self, *args: Any, property: Property, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leases = Lease.objects.filter(unit__property=property)

    def clean_lease(self) -> Lease:
        typed = self.cleaned_data["lease"]
        found = self.leases.filter(Q(external_id=typed) | Q(unit__name__iexact=typed))
        match list(found.order_by("pk")[:2]):
            case [lease]:
                return lease
            case []:
                raise forms.ValidationError(_("This property has no such lease or unit."))
            case _leases:
                raise forms.ValidationError(
                    _("This unit has more than one lease: give the number of the lease.")
                )


class PolicyForm(forms.Form):
    """Money is typed in dollars, shares in percent; an empty field leaves it to the level above."""

    partial = forms.ChoiceField(
        label=_("Paying a part"), choices=[NOT_SAID, *PartialRule.choices], required=False
    )
    partial_dollars = forms.DecimalField(
        label=_("Least amount, dollars"),
        required=False,
        min_value=0,
        decimal_places=2,
        max_digits=9,
    )
    partial_percent = forms.DecimalField(
        label=_("Least share of the balance, percent"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
    )
    verification = forms.MultipleChoiceField(
        label=_("Ways to verify an account"),
        choices=VerificationOffer.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    roll = forms.ChoiceField(
        label=_("A debit day banks are closed"), choices=[NOT_SAID, *Roll.choices], required=False
    )
    reminder_days = forms.CharField(
        label=_("Reminders, days before a debit"), help_text=_("For example 7, 1."), required=False
    )
    nsf_fee_dollars = forms.DecimalField(
        label=_("Fee for a returned debit, dollars"),
        required=False,
        min_value=0,
        decimal_places=2,
        max_digits=9,
    )

    def clean_reminder_days(self) -> list[int] | None:
        typed = [part.strip() for part in self.cleaned_data["reminder_days"].split(",")]
        if typed == [""]:
            return None
        if not all(part.isdigit() for part in typed):
            raise forms.ValidationError(_("Give whole numbers of days, with commas between them."))
        return [int(part) for part in typed]

    def terms(self) -> dict[str, Any]:
        """As the service takes them: cents, basis points, None where nothing was said."""
        said = self.cleaned_data
        rule = said["partial"] or None
        return {
            "partial": rule,
            "partial_cents": _times(said["partial_dollars"], CENTS)
            if rule == PartialRule.MIN_AMOUNT
            else None,
            "partial_bps": _times(said["partial_percent"], CENTS)
            if rule == PartialRule.MIN_PERCENT
            else None,
            "verification": said["verification"] or None,
            "roll": said["roll"] or None,
            "reminder_days": said["reminder_days"],
            "nsf_fee_cents": _times(said["nsf_fee_dollars"], CENTS),
        }


# Where a refusal of the service is shown.
SHOWN_AT = {
    "partial_cents": "partial_dollars",
    "partial_bps": "partial_percent",
    "nsf_fee_cents": "nsf_fee_dollars",
}


def _times(value: Any, factor: int) -> int | None:
    return None if value is None else int(value * factor)
