"""Which pages there are, with somebody signed in who may see each. Import it once Django is set up."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.batches.models import Batch
from housing_ach.cases.models import Case
from housing_ach.clock.services import now, today
from housing_ach.erp.models import Posting, Target
from housing_ach.mandates.models import Autopay, BankAccount, Mandate
from housing_ach.mandates.states import (
    AccountStatus,
    AutopayMode,
    MandateStatus,
    VerificationStatus,
)
from housing_ach.notices.models import Message
from housing_ach.notices.services import plan_from_events
from housing_ach.payments.models import Order, Payment
from housing_ach.payments.states import OrderKind
from housing_ach.portal.drafts import STEPS, Draft, Drafts
from housing_ach.reconciliation.models import Reconciliation
from housing_ach.reports import services
from housing_ach.reports.models import Document
from housing_ach.reports.selectors import content_of
from housing_ach.tenants.models import Lease, Property, Tenant
from housing_ach.users.models import Client, SshKey, User
from housing_ach.webhooks.models import Endpoint

BACKEND = "django.contrib.auth.backends.ModelBackend"
# What an argument of a page's address is, by the name of the page.
SHOWN = {
    "desk:batch": Batch,
    "desk:case": Case,
    "desk:payment": Payment,
    "desk:tenant": Tenant,
    "desk:lease": Lease,
    "desk:mandate": Mandate,
    "desk:property": Property,
    "desk:property-policy": Property,
    "desk:notice": Message,
    "desk:document": Document,
    "desk:client": Client,
    "desk:client-approve": Client,
    "desk:ssh-key-approve": SshKey,
    "desk:endpoint": Endpoint,
    "desk:erp-target": Target,
    "desk:reconciliation": Reconciliation,
    "desk:erp-posting": Posting,
    "portal:payment": Order,
    "portal:cancel": Order,
    "portal:receipt": Order,
    "portal:paid": Order,
    "portal:paper": Document,
    "portal:authorization": Mandate,
    "portal:revoke": Mandate,
    "portal:autopay-change": Autopay,
    "portal:autopay-done": Autopay,
    "portal:autopay-skip": Autopay,
    "portal:autopay-pause": Autopay,
    "portal:autopay-resume": Autopay,
    "portal:verify": BankAccount,
    "portal:account-remove": BankAccount,
}


def pages() -> Iterator[tuple[str, str]]:
    """Path and cookie of every page that only shows something; the tenant's home first."""
    tenant = Tenant.objects.filter(orders__isnull=False).order_by("pk")[0]
    tenant.user = User.objects.create_user("measured@example.org", name="Measured")
    tenant.save(update_fields=["user"])
    staff = User.objects.create_superuser("measuring@example.org", name="Measuring")
    cookies = {"portal": cookie_of(tenant.user), "desk": cookie_of(staff)}
    plan_from_events(at=now())
    yield "/", cookies["portal"]
    yield from (("/api/docs/", cookies["desk"]), ("/problems/", cookies["desk"]))
    yield "/problems/invalid", cookies["desk"]
    yield from _choosing()
    for name, path in _paths(get_resolver(), "", ""):
        space = name.partition(":")[0]
        for one in _steps(path) if space in cookies else ():
            if address := _address(name, one, tenant):
                yield address, cookies[space]


def _choosing() -> Iterator[tuple[str, str]]:
    """What somebody sees half way through: setting up autopay, and looking at a payment to be made."""
    account = (
        BankAccount.objects.filter(
            verification=VerificationStatus.VERIFIED,
            status=AccountStatus.OPEN,
            tenant__autopays=None,
            mandates__status=MandateStatus.ACTIVE,
        )
        .order_by("pk")
        .first()
    )
    if account is None:
        return
    lease, payer = account.mandates.order_by("pk")[0].lease, account.tenant
    payer.user = payer.user or User.objects.create_user("choosing@example.org", name="Choosing")
    payer.save(update_fields=["user"])
    draft = Draft(
        lease=lease.pk,
        mode=AutopayMode.FULL_BALANCE,
        most_cents=2000_00,
        account=account.pk,
        day_of_month=1,
    )
    cookie = cookie_of(payer.user, draft)
    for step in STEPS:
        yield reverse("portal:autopay-step", args=[step]), cookie
    asked = {"how": "OTHER", "amount": "50.00", "account": account.pk, "on": today().isoformat()}
    query = asked | {"lease": lease.pk, "token": uuid4().hex}
    yield reverse("portal:pay-review", query=query), cookie


def papers() -> Iterator[tuple[str, bytes]]:
    """One paper of each kind."""
    at, by = now(), User.objects.get(email="measuring@example.org")
    order = Order.objects.filter(kind=OrderKind.AUTOPAY).order_by("-pk")[0]
    mandate = Mandate.objects.order_by("pk")[0]
    days = (today() - timedelta(days=365), today())
    for name, document in {
        "receipt": services.receipt(order, by=by, at=at),
        "mandate": services.mandate_copy(mandate, by=by, at=at),
        "statement": services.tenant_statement(
            mandate.lease, mandate.tenant, days=days, by=by, at=at
        ),
        "batch": services.batch_report(Batch.objects.order_by("entry_count")[0], by=by, at=at),
        "day-end": services.day_end_report(days[1] - timedelta(days=3), by=by, at=at),
    }.items():
        services.print_waiting()
        document.refresh_from_db()
        yield name, content_of(document)


def _paths(resolver: URLResolver, space: str, path: str) -> Iterator[tuple[str, str]]:
    for part in resolver.url_patterns:
        here = path + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from _paths(part, part.namespace or space, here)
        elif isinstance(part, URLPattern) and part.name:
            yield f"{space}:{part.name}", here


def _steps(path: str) -> list[str]:
    """Of a change, each step; else the one there is. A paper is no page, what is chosen is seen apart."""
    if path.endswith(".pdf") or path.startswith(("autopay/set-up/", "pay/review/")):
        return []
    return list(dict.fromkeys(path.replace("<slug:step>", step) for step in STEPS))


def _address(name: str, path: str, tenant: Tenant) -> str:
    if not path.endswith("/"):
        return ""
    if "<" not in path:
        return f"/{path}"
    model = SHOWN.get(name)
    if model is None:
        return ""
    rows = model._default_manager.order_by("pk")
    row = rows.filter(tenant=tenant).first() if name.startswith("portal:") else rows.first()
    return f"/{path.replace('<int:pk>', str(row.pk))}" if row and "<int:pk>" in path else ""


def cookie_of(user: User, draft: Draft | None = None) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    if draft:
        Drafts(session).keep(draft)
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if user.is_staff:
        device, _ = TOTPDevice.objects.get_or_create(user=user, name="default", confirmed=True)
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
