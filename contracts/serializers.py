"""Shapes of the contracts API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contracts.models import (
    Contract,
    Grant,
    Objection,
    Signature,
    Statement,
    StatementSignature,
)
from contracts.models.grant import effective
from contracts.policy import LANGUAGES, explain
from contracts.queries.deadline import objection_due, signature_due
from contracts.queries.usage import balances
from contracts.states import EffectiveState, Role
from contracts.terms import Terms, parse
from core.api import ActionInput

HEX = r"^[0-9a-f]+$"


class TermsInput(ActionInput):
    """A proposal: the whole terms, differing from the last only in meters, policy and term."""

    terms = serializers.JSONField()

    def validate_terms(self, value: Any) -> Terms:
        """The parsed terms. Raises Invalid naming the member at fault."""
        return parse(value)


class SignatureInput(ActionInput):
    """A detached Ed25519 signature, as `tallystick sign` writes it.

    Purpose, origin, digest and role are what the signer believes to have signed; where
    they are given, they are compared with what waits for signature.
    """

    v = serializers.IntegerField(min_value=1, max_value=1, required=False)
    purpose = serializers.CharField(max_length=64, required=False)
    origin = serializers.CharField(max_length=255, required=False)
    digest = serializers.RegexField(HEX, min_length=64, max_length=64, required=False)
    role = serializers.CharField(max_length=64, required=False)
    public_key = serializers.RegexField(HEX, min_length=64, max_length=64)
    signature = serializers.RegexField(HEX, min_length=128, max_length=128)


class StatementInput(ActionInput):
    """The end of the period; left out, the statement runs to now or to its month's end."""

    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class PartyOutput(serializers.Serializer):
    """A party as the exchange knows it today."""

    id = serializers.CharField()
    name = serializers.CharField()
    is_demo = serializers.BooleanField()


class GrantOutput(serializers.ModelSerializer):
    """The grant, as stored and as it stands now."""

    effective = serializers.SerializerMethodField()

    class Meta:
        model = Grant
        fields = [
            "id",
            "state",
            "effective",
            "starts_at",
            "ends_at",
            "activated_at",
            "suspended_at",
            "terminated_at",
            "reason",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=EffectiveState.choices))
    def get_effective(self, grant: Grant) -> str:
        return str(effective(grant, timezone.now()))


class SignatureOutput(serializers.ModelSerializer):
    """One party's signature."""

    class Meta:
        model = Signature
        fields = ["id", "role", "public_key", "signature", "signed_at"]


class ContractOutput(serializers.ModelSerializer):
    """A contract in a list."""

    seller = PartyOutput()
    buyer = PartyOutput()
    product = serializers.SerializerMethodField()
    grant = serializers.SerializerMethodField()

    class Meta:
        model = Contract
        fields = [
            "id",
            "state",
            "seller",
            "buyer",
            "product",
            "digest",
            "requested_at",
            "agreed_at",
            "verified_at",
            "finalized_at",
            "terminated_at",
            "termination_reason",
            "grant",
        ]

    def get_product(self, contract: Contract) -> str:
        return str(contract.terms["product"]["name"])

    @extend_schema_field(GrantOutput(allow_null=True))
    def get_grant(self, contract: Contract) -> dict[str, Any] | None:
        grant = getattr(contract, "grant", None)
        return GrantOutput(grant).data if grant else None


class BalanceOutput(serializers.Serializer):
    """One meter's quota in its unit: `recorded` by drained calls, `free` and held by nobody."""

    meter = serializers.CharField()
    granted = serializers.IntegerField()
    recorded = serializers.IntegerField()
    free = serializers.IntegerField()


class PolicyWords(serializers.Serializer):
    """The policy as sentences."""

    zh = serializers.ListField(child=serializers.CharField())
    en = serializers.ListField(child=serializers.CharField())


class DueOutput(serializers.Serializer):
    """The last moment for a step; provisional while it rests on an unpublished calendar."""

    at = serializers.DateTimeField()
    provisional = serializers.BooleanField()


class ContractDetail(ContractOutput):
    """A contract with its terms, its policy in words and its signatures."""

    terms = serializers.JSONField()
    policy_in_words = serializers.SerializerMethodField()
    signatures = SignatureOutput(many=True)
    signature_due = serializers.SerializerMethodField()
    quota = serializers.SerializerMethodField()

    class Meta(ContractOutput.Meta):
        fields = [
            *ContractOutput.Meta.fields,
            "terms",
            "policy_in_words",
            "signatures",
            "signature_due",
            "quota",
        ]

    @extend_schema_field(PolicyWords)
    def get_policy_in_words(self, contract: Contract) -> dict[str, list[str]]:
        policy = contract.terms_value.policy
        return {language: explain(policy, language) for language in LANGUAGES}

    @extend_schema_field(DueOutput(allow_null=True))
    def get_signature_due(self, contract: Contract) -> dict[str, Any] | None:
        due = signature_due(contract)
        return dict(DueOutput(due).data) if due else None

    @extend_schema_field(BalanceOutput(many=True))
    def get_quota(self, contract: Contract) -> list[dict[str, Any]]:
        return [asdict(balance) for balance in balances(contract)]


class SigningRequestOutput(serializers.Serializer):
    """What to sign: tallystick/<purpose>/v1, origin, digest and role, joined by LF."""

    purpose = serializers.CharField()
    origin = serializers.CharField()
    digest = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    value = serializers.JSONField()


class StatementSignatureOutput(serializers.ModelSerializer):
    """One party's countersignature."""

    class Meta:
        model = StatementSignature
        fields = ["id", "role", "public_key", "signature", "signed_at"]


class ObjectionOutput(serializers.ModelSerializer):
    """An objection, open until it is withdrawn: so long nothing is released."""

    class Meta:
        model = Objection
        fields = ["id", "role", "reason", "raised_at", "withdrawn_at"]


class LineOutput(serializers.Serializer):
    """One meter on a statement; indeterminate units are shown and billed nothing."""

    meter = serializers.CharField()
    unit = serializers.CharField()
    calls = serializers.IntegerField()
    units = serializers.IntegerField()
    indeterminate_units = serializers.IntegerField()
    billed_units = serializers.IntegerField()
    unit_price_fen = serializers.IntegerField()
    amount_fen = serializers.IntegerField()
    rollup_digest = serializers.CharField()


class StatementOutput(serializers.ModelSerializer):
    """A statement with its lines and countersignatures."""

    interim = serializers.BooleanField(source="body.interim")
    lines = LineOutput(many=True, source="body.lines")
    signatures = StatementSignatureOutput(many=True)
    objections = ObjectionOutput(many=True)
    objection_due = serializers.SerializerMethodField()

    class Meta:
        model = Statement
        fields = [
            "id",
            "contract",
            "number",
            "state",
            "since",
            "until",
            "interim",
            "lines",
            "root",
            "digest",
            "amount_fen",
            "drawn_at",
            "countersigned_at",
            "accepted_at",
            "signatures",
            "objections",
            "objection_due",
        ]

    @extend_schema_field(DueOutput(allow_null=True))
    def get_objection_due(self, statement: Statement) -> dict[str, Any] | None:
        due = objection_due(statement)
        return dict(DueOutput(due).data) if due else None
