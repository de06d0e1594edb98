from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.bank.models import Company
from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.states import BatchStatus
from housing_ach.desk.templatetags.money import batch_words
from housing_ach.tenants.models import Property
from housing_ach.users.models import User
from housing_ach.users.step_up import StepUpForm

REASON_LENGTH = 300
TRACE_LENGTH = 15
DAY = forms.DateInput(attrs={"type": "date"})
FIELDS = {
    "status": "status",
    "company": "company",
    "first": "effective_on__gte",
    "last": "effective_on__lte",
}


class BatchFilter(forms.Form):
    """What cannot be filtered by shows everything."""

    q = forms.CharField(
        label=_("Trace or batch number"),
        required=False,
        max_length=TRACE_LENGTH,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=lambda: [("", _("All")), *((key, batch_words(key)) for key in BatchStatus.values)],
    )
    company = forms.ModelChoiceField(
        Company.objects.order_by("name", "pk"),
        label=_("Company"),
        required=False,
        empty_label=_("All"),
    )
    property = forms.ModelChoiceField(
        Property.objects.none(), label=_("Property"), required=False, empty_label=_("All")
    )
    first = forms.DateField(label=_("Effective from"), required=False, widget=DAY)
    last = forms.DateField(label=_("Effective to"), required=False, widget=DAY)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["property"]
        assert isinstance(place, forms.ModelChoiceField)  # noqa: S101 - declared above
        place.queryset = Property.objects.visible_to(user).order_by("name")
        self.is_valid()

    def trace(self) -> str:
        """What was typed, where it is a whole trace number."""
        text: str = self.cleaned_data.get("q", "").strip()
        return text if len(text) == TRACE_LENGTH and text.isdecimal() else ""

    def of(self, batches: QuerySet[Batch]) -> QuerySet[Batch]:
        said = self.cleaned_data
        if text := said.get("q", "").strip().removeprefix("#"):
            is_number = text.isdecimal() and len(text) < TRACE_LENGTH
            batches = batches.filter(pk=text) if is_number else batches.none()
        if home := said.get("property"):
            batches = batches.filter(_of_property(home))
        for name, lookup in FIELDS.items():
            if value := said.get(name):
                batches = batches.filter(**{lookup: value})
        return batches


def _of_property(home: Property) -> Q:
    """The funds first: few batches are left of which the entries are looked at."""
    entries = Entry.objects.filter(batch=OuterRef("pk"), payment__lease__unit__property=home)
    return Q(Exists(entries), fund__in=[home.operating_fund_id, home.deposit_fund_id])


class TraceFilter(forms.Form):
    trace = forms.CharField(
        label=_("Trace number, or its last digits"),
        required=False,
        max_length=TRACE_LENGTH,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def of(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        self.is_valid()
        trace = self.cleaned_data.get("trace")
        return entries.filter(trace__endswith=trace) if trace else entries


class ApproveForm(StepUpForm):
    """`seen` is what the approver was shown: only that is approved."""

    seen = forms.CharField(widget=forms.HiddenInput)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the batch is canceled"),
        help_text=_("It is kept with the batch and with every payment in it."),
        max_length=REASON_LENGTH,
    )


class EjectForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the entry is taken out"),
        help_text=_("It is kept with the payment, and an exception is opened for it."),
        max_length=REASON_LENGTH,
    )
