"""The money API: an organisation reads its accounts and what moved on them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import PAGE_PARAMETERS, Endpoint, paged
from money import queries, serializers


class Accounts(Endpoint):
    @extend_schema(
        operation_id="money_accounts_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(serializers.AccountOutput),
    )
    def get(self, request: Request) -> Response:
        """Your organisation's accounts; all of them for exchange staff and regulators."""
        return self.page(queries.accounts_for(self.actor), serializers.AccountOutput)


class OneAccount(Endpoint):
    @extend_schema(operation_id="money_accounts_show", responses=serializers.AccountOutput)
    def get(self, request: Request, account_id: str) -> Response:
        """One account with its counters."""
        found = queries.account_for(account_id, self.actor)
        return Response(serializers.AccountOutput(found).data)


class Transfers(Endpoint):
    @extend_schema(
        operation_id="money_transfers_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(serializers.TransferOutput),
    )
    def get(self, request: Request, account_id: str) -> Response:
        """Transfers that debit or credit one account, newest first."""
        found = queries.account_for(account_id, self.actor)
        rows = queries.transfers_of(found)
        return self.page(rows, serializers.TransferOutput, ordering=("-recorded_at", "-id"))
