"""Programs of the made-up organisation, for whoever looks at the pages: none of them ever calls.

The one that does call is let in by `demo_client`, where there is a certificate for it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from housing_ach.sandbox.staff import LOG_INS
from housing_ach.users.clients import Proof, approve_client, register_client
from housing_ach.users.models import Client, User
from housing_ach.users.states import ClientAuth, Scope
from housing_ach.webhooks.services import add_endpoint, pause_endpoint

EMAILS = [email for email, *_ in LOG_INS]
WAITING, LEDGER = "Housing system", "Ledger sync"
HOOK = "https://ledger.example.org/hooks/ach"
# Long enough ago that its secret is due for another one.
AGO = timedelta(days=95)


@transaction.atomic
def let_in(*, at: datetime) -> None:
    """One that waits for its second person, one whose secret is old, and where that one is told.

    Where the made-up people are, who let them in.
    """
    people = {user.email: user for user in User.objects.filter(email__in=EMAILS)}
    if len(people) < len(EMAILS):
        return
    clerk, checker, _auditor, keeper = (people[email] for email in EMAILS)
    if not Client.objects.filter(name=WAITING).exists():
        _register(WAITING, [Scope.READ, Scope.WRITE], by=keeper, at=at)
    if not Client.objects.filter(name=LEDGER).exists():
        ledger = _register(LEDGER, [Scope.READ, Scope.RECON], by=clerk, at=at - AGO)
        approve_client(ledger, by=checker, at=at - AGO)
        kinds = ["payment.returned", "payment.settled"]
        endpoint, _ = add_endpoint(client=ledger, url=HOOK, kinds=kinds, at=at)
        # Nobody listens there.
        pause_endpoint(endpoint)


def _register(name: str, scopes: list[Scope], *, by: User, at: datetime) -> Client:
    client, _ = register_client(
        name=name,
        scopes=scopes,
        proof=Proof(ClientAuth.SECRET),
        networks=["192.0.2.0/24"],
        by=by,
        at=at,
    )
    return client
