"""Two tenants of the made-up organisation who sign in: one whose rent is taken by itself, one who pays."""

from django.db.models import Count, Exists, OuterRef, QuerySet

from housing_ach.mandates.models import Autopay
from housing_ach.payments.models import Payment
from housing_ach.payments.states import PaymentStatus
from housing_ach.sandbox.staff import PASSWORD
from housing_ach.tenants.models import Tenant
from housing_ach.users.models import User

WITH_AUTOPAY, WITHOUT = "tenant@example.org", "renter@example.org"
TENANTS = ((WITH_AUTOPAY, "autopay"), (WITHOUT, "no autopay"))


def let_in() -> None:
    """Where nobody of the name is known yet, and there is a tenant to be."""
    plans = Autopay.objects.filter(tenant=OuterRef("pk"), ends_on=None)
    for email, mine in (
        (WITH_AUTOPAY, _with_history().filter(Exists(plans))),
        (WITHOUT, _with_history().filter(~Exists(plans))),
    ):
        tenant = mine.first()
        if tenant and not User.objects.filter(email=email).exists():
            tenant.email = email
            tenant.user = User.objects.create_user(email, name=tenant.name, password=PASSWORD)
            tenant.save(update_fields=["email", "user"])


def _with_history() -> QuerySet[Tenant]:
    """Of those whose payments went well, the longest history first."""
    came_back = Payment.objects.filter(tenant=OuterRef("pk"), status=PaymentStatus.RETURNED)
    nobody_yet = Tenant.objects.filter(user=None).filter(~Exists(came_back))
    return nobody_yet.annotate(paid=Count("orders")).filter(paid__gt=0).order_by("-paid", "pk")
