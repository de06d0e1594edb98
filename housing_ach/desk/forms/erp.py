from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.erp.models import Posting
from housing_ach.erp.states import PostingStatus

DAY = forms.DateInput(attrs={"type": "date"})


class PostingFilter(forms.Form):
    """What is not understood filters nothing."""

    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            (PostingStatus.CONFLICT.value, _("Conflict")),
            (PostingStatus.FAILED.value, _("Failed")),
            (PostingStatus.PENDING.value, _("Waiting")),
            (PostingStatus.POSTED.value, _("In the ERP")),
        ],
    )
    first = forms.DateField(label=_("Day from"), required=False, widget=DAY)
    last = forms.DateField(label=_("Day to"), required=False, widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def of(self, postings: QuerySet[Posting]) -> QuerySet[Posting]:
        said = self.cleaned_data
        paths = {"status": "status", "first": "day__gte", "last": "day__lte"}
        given = {path: said[name] for name, path in paths.items() if said.get(name)}
        return postings.filter(**given)


class CompareForm(forms.Form):
    compare = forms.DateField(label=_("Day"), widget=DAY)
