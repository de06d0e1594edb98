from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.batches.models import Batch, Entry
from housing_ach.batches.states import BatchStatus
from housing_ach.desk.templatetags.money import batch_words
from housing_ach.users.step_up import StepUpForm

REASON_LENGTH = 300
TRACE_LENGTH = 15


class BatchFilter(forms.Form):
    """What cannot be filtered by shows everything."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=lambda: [("", _("All")), *((key, batch_words(key)) for key in BatchStatus.values)],
    )

    def of(self, batches: QuerySet[Batch]) -> QuerySet[Batch]:
        self.is_valid()
        status = self.cleaned_data.get("status")
        return batches.filter(status=status) if status else batches


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
