"""What a tenant does not want to be written, and in which language the rest comes."""

from collections.abc import Collection

from django.conf import settings
from django.db import transaction

from housing_ach.notices.models import Preference
from housing_ach.notices.selectors import preference_of
from housing_ach.notices.states import OPTIONAL, Kind
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Tenant


class MustBeTold(Refusal):
    """What the law or safety asks for cannot be switched off."""


class UnknownLanguage(Refusal):
    """Nobody here writes in this language."""


@transaction.atomic
def set_preferences(
    tenant: Tenant,
    *,
    muted: Collection[Kind | str] | None = None,
    language: str | None = None,
) -> Preference:
    """`muted`: the kinds that are not wanted, all others are. What is not named stays.

    Raises MustBeTold or UnknownLanguage.
    """
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    preference = preference_of(tenant)
    if muted is not None:
        preference.muted = _optional(muted)
    if language is not None:
        if language not in dict(settings.LANGUAGES):
            raise UnknownLanguage(f"language: {language[:10]} is not offered", field="language")
        preference.language = language
    preference.save()
    return preference


def _optional(kinds: Collection[Kind | str]) -> list[str]:
    if wrong := sorted(str(kind) for kind in kinds if kind not in OPTIONAL):
        raise MustBeTold(f"muted: {', '.join(wrong)[:60]} cannot be switched off", field="muted")
    return [kind.value for kind in OPTIONAL if kind in kinds]
