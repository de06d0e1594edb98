from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from housing_ach.batches.models import Batch
from housing_ach.tenants.models import Lease, Tenant
from housing_ach.users.models import User

MOST_DAYS = 366


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class DayForm(forms.Form):
    """A day that has begun."""

    prefix = "day"
    on = _day(_("Banking day"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("That day has not come yet."))
        return on


class BatchForm(forms.Form):
    prefix = "batch"
    number = forms.IntegerField(
        label=_("Batch number"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> Batch:
        batches = Batch.objects.visible_to(self.user).filter(pk=self.cleaned_data["number"])
        if (found := batches.first()) is None:
            raise ValidationError(_("There is no batch of this number."))
        return found


class RangeForm(forms.Form):
    first, last = _day(_("From")), _day(_("To"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if (first := said.get("first")) and (last := said.get("last")):
            if last < first:
                self.add_error("last", _("The end is before the beginning."))
            elif last - first > timedelta(days=MOST_DAYS):
                self.add_error("first", _("Ask for a year at most."))
        return said


class ReturnsForm(RangeForm):
    prefix = "returns"


class StatementForm(RangeForm):
    prefix = "statement"
    tenant = forms.CharField(
        label=_("Tenant"),
        help_text=_("Name, e-mail address, tenant number or lease number."),
        max_length=80,
    )
    field_order = ("tenant", "first", "last")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_tenant(self) -> tuple[Tenant, Lease]:
        """One tenant with the lease that is (or was) theirs last."""
        typed = self.cleaned_data["tenant"].strip()
        tenants = Tenant.objects.visible_to(self.user).filter(
            Q(external_id__iexact=typed)
            | Q(email__iexact=typed)
            | Q(name__iexact=typed)
            | Q(shares__lease__external_id__iexact=typed)
        )
        found = list(tenants.distinct()[:2])
        if not found:
            raise ValidationError(_("No tenant is found by that."))
        if len(found) > 1:
            raise ValidationError(_("Several tenants are found: give the tenant number."))
        leases = Lease.objects.visible_to(self.user).filter(shares__tenant=found[0])
        by_number = leases.filter(external_id__iexact=typed)
        if (lease := by_number.first() or leases.order_by("-starts_on", "-pk").first()) is None:
            raise ValidationError(_("This tenant has no lease."))
        return found[0], lease
