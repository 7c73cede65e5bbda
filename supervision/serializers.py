"""Shapes of the supervision API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api import Input
from core.models import Event
from supervision.queries import access


class ExportInput(Input):
    """Nothing: what is exported stands in the address."""


class SealOutput(serializers.Serializer):
    stage = serializers.ChoiceField(["unsealed", "sequenced", "signed", "anchored"])
    index = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    local = serializers.BooleanField()


class TrailLineOutput(serializers.Serializer):
    event = serializers.CharField()
    type = serializers.CharField()
    line = serializers.CharField()
    subject = serializers.CharField()
    actor = serializers.CharField()
    organisation = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField()
    demo = serializers.BooleanField()
    seal = SealOutput()


class TrailOutput(serializers.Serializer):
    ref = serializers.CharField()
    complete = serializers.BooleanField()
    lines = TrailLineOutput(many=True)


class AccessOutput(serializers.BaseSerializer):
    """One look by the caller's organisation."""

    def to_representation(self, event: Event) -> dict[str, Any]:
        return dict(AccessLineOutput(access(event)).data)


class AccessLineOutput(serializers.Serializer):
    """One look: `refs` are the things asked for and those that came back."""

    id = serializers.CharField()
    type = serializers.CharField()
    actor = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    address = serializers.CharField(allow_blank=True)
    refs = serializers.ListField(child=serializers.CharField())


class EventProofOutput(serializers.Serializer):
    event = serializers.CharField()
    index = serializers.IntegerField()
    leaf = serializers.CharField()
    leaf_hash = serializers.CharField()
    size = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()


class ChainTrustOutput(serializers.Serializer):
    id = serializers.IntegerField()
    genesis = serializers.CharField()
    contract = serializers.CharField()
    code_hash = serializers.CharField()
    anchorer = serializers.CharField()
    local = serializers.BooleanField()
    block_hashes = serializers.ListField(child=serializers.CharField())


class TrustOutput(serializers.Serializer):
    v = serializers.IntegerField()
    origin = serializers.CharField()
    log_vkey = serializers.CharField()
    exchange_vkey = serializers.CharField()
    exchange_did = serializers.CharField()
    chain = ChainTrustOutput(allow_null=True)
