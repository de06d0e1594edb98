from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.batches.models import Entry
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.templatetags.ui import LOOKS


class PaymentFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(label=_("Tenant or trace number"), required=False, max_length=60)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All")),
            *((status.value, LOOKS[status].words) for status in PaymentStatus),
        ],
    )

    def of(self, payments: QuerySet[Payment]) -> QuerySet[Payment]:
        self.is_valid()
        if status := self.cleaned_data.get("status"):
            payments = payments.filter(status=status)
        if text := self.cleaned_data.get("q"):
            traced = Entry.objects.filter(payment=OuterRef("pk"), trace=text)
            payments = payments.filter(Q(tenant__name__icontains=text) | Exists(traced))
        return payments
