"""A tenant's bank accounts. The number comes in once, and a token is all that is told of it."""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from housing_ach.api import cursors
from housing_ach.api.finding import accounts_by_token, lease_named, mandate_of_account
from housing_ach.api.serializers.accounts import (
    AmountsSerializer,
    BankAccountSerializer,
    VerifySerializer,
)
from housing_ach.api.shown import accounts as shown
from housing_ach.api.views.base import ApiView, MoneyView, ObjectView
from housing_ach.clock.services import now
from housing_ach.mandates.models import BankAccount
from housing_ach.mandates.services import add_bank_account
from housing_ach.mandates.states import AccountType, VerificationMethod
from housing_ach.payments.services import remove_account, send_prenote
from housing_ach.payouts.services import confirm_micro_deposits, start_micro_deposits
from housing_ach.tenants.models import Tenant
from housing_ach.tenants.services import require_live, require_offered
from housing_ach.users.services import system_user
from housing_ach.users.states import Scope


class BankAccountsView(MoneyView):
    scopes: ClassVar = {"GET": Scope.READ, "POST": Scope.TOKENIZE}
    parameters = cursors.PARAMETERS

    def get(self, request: Request, external_id: str) -> Response:
        tenant = get_object_or_404(Tenant, external_id=external_id)
        rows = shown.accounts().filter(tenant=tenant)
        place = f"bank-accounts:{tenant.pk}"
        return Response(cursors.page_of(request, rows, shown.accounts_of, place=place))

    def post(self, request: Request, external_id: str) -> Response:
        tenant = get_object_or_404(Tenant, external_id=external_id)
        asked = BankAccountSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        kind = AccountType(said["account_type"].upper())
        made = add_bank_account(tenant=tenant, at=now(), **said | {"account_type": kind})
        place = reverse("api:bank-account", args=[external_id, made.token])
        told = shown.accounts_of([made])[0]
        return Response(told, status=HTTPStatus.CREATED, headers={"Location": place})


class BankAccountView(ObjectView):
    scopes: ClassVar = {"GET": Scope.READ, "DELETE": Scope.WRITE}

    def get(self, request: Request, external_id: str, token: UUID) -> Response:
        account = account_of(shown.accounts(), external_id, token)
        return self.told(request, shown.accounts_of([account])[0])

    def delete(self, request: Request, external_id: str, token: UUID) -> Response:
        """Closed for good, with the permissions on it; again, nothing happens.

        Not locked here: its leases are locked first, by the service.
        """
        account = account_of(shown.accounts(), external_id, token)
        self.require_match(request, shown.accounts_of([account])[0], needed=False)
        remove_account(account, at=now())
        return self.told(request, shown.accounts_of([account])[0])


class VerifyView(MoneyView):
    """Asks the account's bank, or its holder, in a way the property's policy offers."""

    scopes: ClassVar = {"POST": Scope.WRITE}

    def post(self, request: Request, external_id: str, token: UUID) -> Response:
        account = account_of(shown.accounts(), external_id, token)
        asked = VerifySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        if "mandate" in asked.validated_data:
            mandate = mandate_of_account(asked.validated_data["mandate"], account)
            # The system itself may send one anyway; a program may not.
            require_live(mandate.lease)
            require_offered(mandate.lease, VerificationMethod.PRENOTE)
            send_prenote(mandate=mandate, by=system_user(), at=now())
        else:
            lease = lease_named(asked.validated_data["lease"])
            start_micro_deposits(bank_account=account, lease=lease, by=system_user(), at=now())
        account.refresh_from_db()
        return Response(shown.accounts_of([account])[0], status=HTTPStatus.ACCEPTED)


class ConfirmView(ApiView):
    """The two amounts, as the holder tells them. A wrong try counts, so that it is no MoneyView: what
    was tried is kept although the answer is a refusal. The right ones may be told again.
    """

    scopes: ClassVar = {"POST": Scope.WRITE}
    names: ClassVar = {"cents": "amounts"}

    def post(self, request: Request, external_id: str, token: UUID) -> Response:
        account = account_of(shown.accounts(), external_id, token)
        asked = AmountsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        first, second = asked.validated_data["amounts"]
        confirm_micro_deposits(
            bank_account=account, cents=(first, second), by=system_user(), at=now()
        )
        return Response(shown.accounts_of([account])[0])


def account_of(rows: QuerySet[BankAccount], external_id: str, token: UUID) -> BankAccount:
    """The tenant's own, by the token it has or one it had before its bank corrected it."""
    mine = rows.filter(tenant__external_id=external_id)
    return get_object_or_404(mine, pk__in=accounts_by_token(token).values("pk"))
