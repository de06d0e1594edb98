from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.tenants.models import Lease, LeaseShare, Property, Tenant
from housing_ach.users.models import User

REASON_LENGTH = 200
MOST_DAYS = timedelta(days=366)
DAY = forms.DateInput(attrs={"type": "date"})


class TenantFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(
        label=_("Name, e-mail, tenant or lease number"), required=False, max_length=60
    )
    property = forms.ModelChoiceField(
        Property.objects.none(), label=_("Property"), required=False, empty_label=_("All")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        place = self.fields["property"]
        assert isinstance(place, forms.ModelChoiceField)  # noqa: S101 - declared above
        place.queryset = Property.objects.visible_to(user).order_by("name")
        self.is_valid()

    def of(self, tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
        """By what the user may see: a lease elsewhere finds nobody."""
        said = self.cleaned_data
        shares = LeaseShare.objects.visible_to(self.user).filter(tenant=OuterRef("pk"))
        if home := said.get("property"):
            tenants = tenants.filter(Exists(shares.filter(lease__unit__property=home)))
        if text := said.get("q"):
            numbered = Exists(shares.filter(lease__external_id__iexact=text))
            told = Q(name__icontains=text) | Q(email__icontains=text) | Q(external_id__iexact=text)
            tenants = tenants.filter(told | numbered)
        return tenants


class StatementForm(forms.Form):
    """Of one lease of the tenant's, from the first to the last day, both included."""

    lease = forms.ModelChoiceField(Lease.objects.none(), label=_("Lease"), empty_label=None)
    first = forms.DateField(label=_("From"), widget=DAY)
    last = forms.DateField(label=_("To"), widget=DAY)

    def __init__(self, *args: Any, leases: QuerySet[Lease], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["lease"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = leases

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first and last:
            self._check_days(first, last)
        return said

    def _check_days(self, first: date, last: date) -> None:
        if last < first:
            self.add_error("last", ValidationError(_("The end is before the beginning.")))
        elif last - first > MOST_DAYS:
            self.add_error("first", ValidationError(_("Ask for a year at most.")))


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("For example how the tenant told you. It is kept with the authorization."),
        max_length=REASON_LENGTH,
    )
