from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.desk.tables_reconciliations import FATES, REFUSED
from housing_ach.reconciliation.models import Line, Reconciliation
from housing_ach.reconciliation.states import ReconciliationStatus


class ReconciliationFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(label=_("Client"), required=False, max_length=60)
    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            (ReconciliationStatus.RECEIVED.value, _("Received")),
            (ReconciliationStatus.APPLIED.value, _("Applied")),
            (ReconciliationStatus.QUARANTINED.value, REFUSED),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def of(self, rows: QuerySet[Reconciliation]) -> QuerySet[Reconciliation]:
        said = self.cleaned_data
        paths = {"q": "client__name__icontains", "status": "status"}
        return rows.filter(**{path: said[name] for name, path in paths.items() if said.get(name)})


class LineFilter(forms.Form):
    """What is not understood filters nothing."""

    fate = forms.ChoiceField(
        label=_("Bank"),
        required=False,
        choices=[("", _("All lines")), *((fate, words) for fate, (words, _state) in FATES.items())],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def of(self, lines: QuerySet[Line]) -> QuerySet[Line]:
        fate = self.cleaned_data.get("fate")
        return lines.filter(fate=fate) if fate else lines
