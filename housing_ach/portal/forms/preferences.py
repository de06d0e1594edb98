"""Which messages somebody wants, and in which language."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from housing_ach.notices.models import Preference
from housing_ach.notices.states import OPTIONAL, Kind

ALWAYS = [kind.label for kind in Kind if kind not in OPTIONAL]


class PreferencesForm(forms.Form):
    """Shows what is wanted; what the law or safety asks for cannot be chosen."""

    language = forms.ChoiceField(
        label=_("Language of these pages and of our messages"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
    )
    wanted = forms.MultipleChoiceField(
        label=_("Messages you want"),
        choices=[(kind.value, kind.label) for kind in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    @staticmethod
    def first(preference: Preference) -> dict[str, Any]:
        wanted = [kind.value for kind in OPTIONAL if preference.wants(kind)]
        return {"language": preference.language, "wanted": wanted}

    @property
    def muted(self) -> list[str]:
        return [kind.value for kind in OPTIONAL if kind not in self.cleaned_data["wanted"]]
