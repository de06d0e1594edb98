from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.batches.models import Entry
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.shared.templatetags.ui import LOOKS
from housing_ach.tenants.models import Lease, Property
from housing_ach.users.models import User

REASON_LENGTH = 200
DAY = forms.DateInput(attrs={"type": "date"})


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

    def of(self, payments: QuerySet[Payment]) -> QuerySet[Payment]:
        said = self.cleaned_data
        if status := said.get("status"):
            payments = payments.filter(status=status)
        if home := said.get("property"):
            payments = payments.filter(lease__in=Lease.objects.filter(unit__property=home))
        if first := said.get("first"):
            payments = payments.filter(effective_on__gte=first)
        if last := said.get("last"):
            payments = payments.filter(effective_on__lte=last)
        if text := said.get("q"):
            traced = Entry.objects.filter(payment=OuterRef("pk"), trace=text)
            payments = payments.filter(Q(tenant__name__icontains=text) | Exists(traced))
        return payments


class DecideForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("A sentence. It is kept with the payment and with your name."),
        max_length=REASON_LENGTH,
    )
