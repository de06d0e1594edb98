"""The notices the law asks for before a debit (Reg E, 12 CFR 1005.10(d)): asked for by `mandates`."""

from datetime import datetime

from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from housing_ach.mandates.models import Notice
from housing_ach.mandates.selectors import notices_to_send
from housing_ach.notices.models import Message
from housing_ach.notices.services.drafts import AMOUNT, DATE, ENDING, Draft, link, queue, sender_of
from housing_ach.notices.states import Kind
from housing_ach.notices.templatetags.letters import Cents

NOTICE = Notice._meta.label_lower


def plan_required(*, at: datetime) -> None:
    """Queue those which can still be told in time."""
    queued = Message.objects.filter(
        kind=Kind.VARYING_AMOUNT,
        occasion=Concat(Value("notice:"), Cast(OuterRef("pk"), TextField())),
    )
    wanted = (
        notices_to_send(at)
        .filter(~Exists(queued))
        .select_related(
            "mandate__tenant__user", "mandate__bank_account", "mandate__lease__unit__property"
        )
    )
    queue([_draft(notice) for notice in wanted], at=at)


def in_time(message: Message, *, at: datetime) -> Notice | None:
    """What the message tells, if telling it now still lets the debit go on its day."""
    return notices_to_send(at).filter(pk=message.subject_id).first()


def _draft(notice: Notice) -> Draft:
    mandate = notice.mandate
    return Draft(
        kind=Kind.VARYING_AMOUNT,
        occasion=f"notice:{notice.pk}",
        tenant=mandate.tenant,
        about=notice,
        facts={
            "cents": notice.cents,
            "debit_on": notice.debit_on,
            "min_cents": mandate.min_cents,
            "max_cents": mandate.max_cents,
        },
        rows=(
            (AMOUNT, Cents(notice.cents)),
            (DATE, notice.debit_on),
            (ENDING, mandate.bank_account.last_four or "••"),
        ),
        page=link("portal:autopay"),
        page_words=_("See, skip or change your automatic payments"),
        sender=sender_of(mandate.lease),
    )
