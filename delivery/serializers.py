"""JSON of the delivery room."""

from __future__ import annotations

from rest_framework import serializers

from delivery.models import Deposit


class DepositOutput(serializers.ModelSerializer[Deposit]):
    """A deposited file: which version, how large, since when. The object's name stays inside."""

    version = serializers.CharField(source="version_id")

    class Meta:
        model = Deposit
        fields = ["id", "version", "size_bytes", "sha256", "deposited_at"]
        read_only_fields = fields
