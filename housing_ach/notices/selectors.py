from collections.abc import Collection

from django.conf import settings
from django.db.models import QuerySet

from housing_ach.notices.models import Message, Preference
from housing_ach.tenants.models import Tenant
from housing_ach.users.models import User


def sent_messages(user: User) -> QuerySet[Message]:
    """Everything that was written to the tenants the user may see, the newest first.

    `recipient`, `title`, `queued_at`, `sent_at`, `get_kind_display`, `template_version`, `status`,
    `problem` and `body`. The link of an invitation is in the mail alone.
    """
    return (
        Message.objects.visible_to(user)
        .select_related("tenant")
        .defer("html")
        .order_by("-queued_at", "-pk")
    )


def preference_of(tenant: Tenant) -> Preference:
    """What the tenant chose; unsaved where he chose nothing yet."""
    return preferences_of({tenant.pk})[tenant.pk]


def preferences_of(tenant_ids: Collection[int]) -> dict[int, Preference]:
    chosen = {row.tenant_id: row for row in Preference.objects.filter(tenant__in=tenant_ids)}
    return {
        pk: chosen.get(pk) or Preference(tenant_id=pk, language=settings.LANGUAGE_CODE)
        for pk in tenant_ids
    }
