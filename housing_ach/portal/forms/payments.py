"""Which payments are shown, and of which days a statement is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus as S

GROUPS = {
    "PLANNED": (_("Planned"), (S.HELD, S.AWAITING_APPROVAL, S.SCHEDULED, S.BATCHED)),
    "MOVING": (_("On its way"), (S.SENT, S.ACCEPTED)),
    "PAID": (_("Paid"), (S.SETTLED, S.CLEARED)),
    "RETURNED": (_("Returned"), (S.RETURNED,)),
    "STOPPED": (_("Canceled or failed"), (S.CANCELLED, S.REJECTED, S.REVERSED)),
}
LONGEST = 3 * 366


class HistoryForm(forms.Form):
    """What cannot be filtered by shows everything."""

    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, years: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year, status = self.fields["year"], self.fields["status"]
        assert isinstance(year, forms.ChoiceField)  # noqa: S101 - as declared
        assert isinstance(status, forms.ChoiceField)  # noqa: S101 - as declared
        year.choices = [("", _("All years")), *((each, each) for each in years)]
        status.choices = [("", _("All")), *((key, words) for key, (words, _of) in GROUPS.items())]

    def of(self, payments: QuerySet[Payment]) -> QuerySet[Payment]:
        self.is_valid()
        if year := self.cleaned_data.get("year"):
            payments = payments.filter(effective_on__year=year)
        if group := self.cleaned_data.get("status"):
            payments = payments.filter(status__in=GROUPS[group][1])
        return payments


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class StatementForm(forms.Form):
    first = forms.DateField(label=_("From"), widget=DayInput, input_formats=["%Y-%m-%d"])
    last = forms.DateField(label=_("Until"), widget=DayInput, input_formats=["%Y-%m-%d"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        elif first and last and (last - first).days > LONGEST:
            self.add_error("last", _("A statement covers three years at most."))
        return cleaned

    @property
    def days(self) -> tuple[date, date]:
        return self.cleaned_data["first"], self.cleaned_data["last"]
