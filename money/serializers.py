"""Replies of the money API. Amounts are integer fen of CNY."""

from __future__ import annotations

from rest_framework import serializers

from money import queries
from money.models import Account, Transfer


class AccountOutput(serializers.ModelSerializer):
    available_fen = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = [
            "id",
            "key",
            "kind",
            "owner",
            "floor",
            "debits_pending",
            "debits_posted",
            "credits_pending",
            "credits_posted",
            "available_fen",
            "opened_at",
        ]

    def get_available_fen(self, account: Account) -> int:
        """Posted credits less debits, holds on it counted."""
        return queries.balance_of(account).available_fen


class TransferOutput(serializers.ModelSerializer):
    id = serializers.CharField(source="pk.hex")
    debit = serializers.CharField(source="debit.key")
    credit = serializers.CharField(source="credit.key")
    pending_id = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = [
            "id",
            "debit",
            "credit",
            "amount_fen",
            "code",
            "kind",
            "pending_id",
            "expires_at",
            "ref",
            "batch",
            "position",
            "recorded_at",
            "effective_at",
        ]

    def get_pending_id(self, transfer: Transfer) -> str | None:
        """The transfer that this one resolves."""
        return transfer.pending_id.hex if transfer.pending_id else None
