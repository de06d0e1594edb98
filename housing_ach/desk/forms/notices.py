from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing_ach.notices.models import Message
from housing_ach.notices.states import Kind, MessageStatus
from housing_ach.shared.templatetags.ui import LOOKS

DAY = forms.DateInput(attrs={"type": "date"})


class MessageFilter(forms.Form):
    """What is not understood filters nothing."""

    q = forms.CharField(label=_("Tenant or address"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *Kind.choices]
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All")),
            *((status.value, LOOKS[status].words) for status in MessageStatus),
        ],
    )
    first = forms.DateField(label=_("Written from"), required=False, widget=DAY)
    last = forms.DateField(label=_("Written to"), required=False, widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def of(self, messages: QuerySet[Message]) -> QuerySet[Message]:
        said = self.cleaned_data
        for name, path in {
            "kind": "kind",
            "status": "status",
            "first": "queued_at__date__gte",
            "last": "queued_at__date__lte",
        }.items():
            if value := said.get(name):
                messages = messages.filter(**{path: value})
        if text := said.get("q"):
            messages = messages.filter(
                Q(tenant__name__icontains=text) | Q(recipient__icontains=text)
            )
        return messages
