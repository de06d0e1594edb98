"""A tenant's first way in: the page on which he chooses a password, by mail to the address we know."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from housing_ach.notices.letters import LINK_TO_COME
from housing_ach.notices.models import Message
from housing_ach.notices.services.drafts import Draft, queue
from housing_ach.notices.services.permissions import senders
from housing_ach.notices.states import Kind
from housing_ach.shared.problems import Refusal
from housing_ach.tenants.models import Tenant
from housing_ach.users.models import User
from housing_ach.users.services import EmailTaken


class NoAddress(Refusal):
    """An invitation goes to an e-mail address."""


class SignedUp(Refusal):
    """Who has a password asks for a new one on the sign-in page."""


@transaction.atomic
def invite(tenant: Tenant, *, at: datetime) -> Message:
    """Make the tenant's user, if there is none, and write to him. One that still waits is given back.

    Raises NoAddress, EmailTaken or SignedUp.
    """
    locked = Tenant.objects.select_for_update(of=("self",)).select_related("user").get(pk=tenant.pk)
    user = locked.user or _new_user(locked)
    if user.has_usable_password():
        raise SignedUp(f"tenant: {locked} has a password already", field="tenant", ids=[locked.pk])
    before = Message.objects.filter(kind=Kind.INVITATION, user=user)
    if waiting := before.waiting().first():
        return waiting
    occasion = f"user:{user.pk}:{before.count() + 1}"
    queue([_draft(locked, user, occasion)], at=at)
    tenant.refresh_from_db()
    return before.get(occasion=occasion)


def _new_user(tenant: Tenant) -> User:
    email = tenant.email.strip()
    if not email:
        raise NoAddress(f"tenant: {tenant} has no e-mail address", field="tenant", ids=[tenant.pk])
    if User.objects.filter(email__iexact=email).exists():
        raise EmailTaken(f"email: {email} is taken", field="email")
    tenant.user = User.objects.create_user(email, name=tenant.name)
    tenant.save(update_fields=["user"])
    return tenant.user


def _draft(tenant: Tenant, user: User, occasion: str) -> Draft:
    return Draft(
        kind=Kind.INVITATION,
        occasion=occasion,
        tenant=tenant,
        about=user,
        facts={},
        page=LINK_TO_COME,
        page_words=_("Choose your password"),
        sender=senders([tenant.pk]).get(tenant.pk, ""),
        user=user,
    )
