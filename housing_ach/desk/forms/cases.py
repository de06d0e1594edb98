from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.cases.models import Case
from housing_ach.cases.services import TEXT
from housing_ach.cases.states import CaseKind, CaseStatus
from housing_ach.cases.words import KINDS
from housing_ach.desk.visible import about_property
from housing_ach.tenants.models import Property
from housing_ach.tenants.states import Role
from housing_ach.users.models import User

OPEN, RESOLVED, ALL = "", "resolved", "all"
MINE, NOBODY = "me", "nobody"
AGES = {"1": 1, "3": 3, "7": 7, "30": 30}


class CaseFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(label=_("Search"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    property = forms.ModelChoiceField(
        Property.objects.none(), label=_("Property"), required=False, empty_label=_("All")
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    age = forms.ChoiceField(
        label=_("Open for"),
        required=False,
        choices=[
            ("", _("Any time")),
            ("1", _("More than a day")),
            ("3", _("More than 3 days")),
            ("7", _("More than a week")),
            ("30", _("More than 30 days")),
        ],
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[(OPEN, _("Open")), (RESOLVED, _("Resolved")), (ALL, _("All"))],
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        _choices(self, "kind", [("", _("All")), *((kind, KINDS[kind]) for kind in CaseKind)])
        _choices(
            self,
            "owner",
            [
                ("", _("Anybody")),
                (MINE, _("Me")),
                (NOBODY, _("Nobody")),
                *((str(pk), name) for pk, name in owners() if pk != user.pk),
            ],
        )
        place = self.fields["property"]
        assert isinstance(place, forms.ModelChoiceField)  # noqa: S101 - declared above
        place.queryset = Property.objects.visible_to(user).order_by("name")
        self.is_valid()

    def of(self, cases: QuerySet[Case], *, at: datetime) -> QuerySet[Case]:
        said = self.cleaned_data
        if said.get("status", OPEN) != ALL:
            wanted = CaseStatus.RESOLVED if said.get("status") == RESOLVED else CaseStatus.OPEN
            cases = cases.filter(status=wanted)
        if kind := said.get("kind"):
            cases = cases.filter(kind=kind)
        if home := said.get("property"):
            cases = cases.filter(about_property(home))
        if owner := said.get("owner"):
            cases = cases.filter(self._owned(owner))
        if age := AGES.get(said.get("age", "")):
            cases = cases.filter(opened_at__lt=at - timedelta(days=age))
        if text := said.get("q"):
            cases = cases.filter(_told(text))
        return cases

    def _owned(self, owner: str) -> Q:
        if owner == NOBODY:
            return Q(owner=None)
        return Q(owner=self.user.pk if owner == MINE else owner)


class ActForm(forms.Form):
    words = forms.CharField(
        label=_("Note"),
        help_text=_("Why, in a sentence. It is kept with your name."),
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    day = forms.DateField(
        label=_("Retry on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class AssignForm(forms.Form):
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = ((str(pk), name) for pk, name in owners() if pk != user.pk)
        _choices(self, "owner", [("", _("Nobody")), (str(user.pk), _("Me")), *others])


def owners() -> list[tuple[int, str]]:
    """Whoever may work on exceptions."""
    finance = User.objects.filter(memberships__role=Role.FINANCE, is_active=True)
    return list(finance.distinct().order_by("name", "pk").values_list("pk", "name"))


def _told(text: str) -> Q:
    found = Q(summary__icontains=text)
    number = text.removeprefix("#")
    return found | Q(subject_id=number) if number.isdecimal() else found


def _choices(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
    field.choices = list(choices)
