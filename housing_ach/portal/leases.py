"""Which lease a tenant's page is about: the one named by `?lease=`, else the one in force."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404, HttpRequest

from housing_ach.tenants.models import Lease, LeaseShare, Tenant


def leases_of(tenant: Tenant, *, on: date) -> list[Lease]:
    """The tenant's own, those in force first, the newest of them first."""
    shares = LeaseShare.objects.filter(tenant=tenant).select_related(
        "lease__unit__property__operating_fund__company__profile"
    )
    rows = sorted(shares, key=lambda share: (_in_force(share, on), share.starts_on, share.pk))
    return list({share.lease_id: share.lease for share in reversed(rows)}.values())


def chosen_lease(request: HttpRequest, leases: Sequence[Lease]) -> Lease:
    """Http404 for a lease of somebody else, and for a tenant without any."""
    asked = request.POST.get("lease") or request.GET.get("lease") or ""
    for lease in leases:
        if asked in {"", str(lease.pk)}:
            return lease
    raise Http404


def _in_force(share: LeaseShare, on: date) -> bool:
    return share.starts_on <= on <= (share.ends_on or on)
