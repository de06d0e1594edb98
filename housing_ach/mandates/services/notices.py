"""What payers must be told before a debit: asked for here, sent by whoever writes to people."""

from datetime import date, datetime

from django.db import transaction

from housing_ach.audit.move import record
from housing_ach.mandates.models import Mandate, Notice
from housing_ach.mandates.selectors import first_lawful_day


def want_notice(*, mandate: Mandate, cents: int, debit_on: date, at: datetime) -> Notice:
    """Of an amount outside the authorised range. Asking again gives the same notice."""
    notice, _ = Notice.objects.get_or_create(
        mandate=mandate, cents=cents, debit_on=debit_on, defaults={"wanted_at": at}
    )
    return notice


@transaction.atomic
def mark_notice_sent(notice: Notice, *, template_version: str, at: datetime) -> bool:
    """Stamp it, once for good; False when it had been sent before."""
    unsent = Notice.objects.filter(pk=notice.pk, sent_at=None)
    stamped = unsent.update(
        sent_at=at, lawful_on=first_lawful_day(at), template_version=template_version
    )
    if stamped:
        told = {"mandate": notice.mandate_id, "cents": notice.cents, "debit_on": notice.debit_on}
        record("notice.sent", notice, data={**told, "template": template_version})
    notice.refresh_from_db()
    return bool(stamped)
