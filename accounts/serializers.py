"""Bodies and replies of the accounts API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.actions.organisations import FIRST_ROLES
from accounts.models import (
    ApiKey,
    Invitation,
    KeyChallenge,
    Membership,
    Organisation,
    SigningKey,
)
from accounts.queries import invitation_state
from accounts.states import InvitationState, Role, Scope
from core.api import ActionInput, Input
from tallystick import keys


class ApplyInput(ActionInput):
    name = serializers.CharField(max_length=100)
    uscc = serializers.CharField(max_length=30, help_text="统一社会信用代码, GB 32100-2015")
    kind = serializers.ChoiceField(choices=[str(kind) for kind in FIRST_ROLES])
    region = serializers.CharField(max_length=6, help_text="GB/T 2260, six digits")
    onboarding_sha256 = serializers.CharField(max_length=64)


class ReasonInput(ActionInput):
    reason = serializers.CharField(max_length=400)


class MemberInput(ActionInput):
    email = serializers.CharField(max_length=254)
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=Role.choices), min_length=1, max_length=5
    )


class InvitationOutput(serializers.ModelSerializer):
    """An invitation; `state` as it stands now, `lapsed` when its time is over."""

    organisation = serializers.CharField(source="organisation_id")
    organisation_name = serializers.CharField(source="organisation.name")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))
    state = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = [
            "id",
            "organisation",
            "organisation_name",
            "email",
            "roles",
            "state",
            "invited_at",
            "expires_at",
            "closed_at",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=InvitationState.choices))
    def get_state(self, invitation: Invitation) -> str:
        return str(invitation_state(invitation, timezone.now()))


class PublicKeyInput(ActionInput):
    public_key = serializers.CharField(
        max_length=128, help_text="Ed25519: 64 hex digits, multibase or did:key"
    )


class EnrolInput(PublicKeyInput):
    signature = serializers.CharField(max_length=128, help_text="128 hex digits")


class ApiKeyInput(Input):
    label = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), min_length=1, max_length=3
    )
    expires_at = serializers.DateTimeField()


class ChooseOrganisationInput(Input):
    organisation = serializers.CharField(max_length=30)


class OrganisationOutput(serializers.ModelSerializer):
    class Meta:
        model = Organisation
        fields = [
            "id",
            "name",
            "uscc",
            "kind",
            "region",
            "state",
            "reason",
            "is_demo",
            "onboarding_sha256",
            "applied_at",
            "qualified_at",
            "refused_at",
            "suspended_at",
        ]


class OrganisationMemberOutput(serializers.ModelSerializer):
    user = serializers.CharField(source="user_id")
    name = serializers.CharField(source="user.name")
    roles = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ["id", "user", "name", "roles", "since", "until"]

    def get_roles(self, membership: Membership) -> list[str]:
        """The roles granted, sorted."""
        return sorted(grant.role for grant in membership.in_force)


class InterestOutput(serializers.Serializer):
    user = serializers.CharField(source="user_id")
    organisation = serializers.CharField(source="organisation_id")
    declared_at = serializers.DateTimeField()


class ChallengeOutput(serializers.ModelSerializer):
    """What the holder signs, with `tallystick keys prove`."""

    challenge = serializers.CharField(source="nonce")
    origin = serializers.SerializerMethodField()
    purpose = serializers.SerializerMethodField()
    role = serializers.SerializerMethodField()
    digest = serializers.SerializerMethodField()

    class Meta:
        model = KeyChallenge
        fields = [
            "id",
            "public_key",
            "challenge",
            "document_sha256",
            "origin",
            "purpose",
            "role",
            "digest",
            "expires_at",
        ]

    def get_origin(self, challenge: KeyChallenge) -> str:
        return self.context["origin"]

    def get_purpose(self, challenge: KeyChallenge) -> str:
        return keys.POSSESSION

    def get_role(self, challenge: KeyChallenge) -> str:
        return "holder"

    def get_digest(self, challenge: KeyChallenge) -> str:
        public = bytes.fromhex(challenge.public_key)
        return keys.possession_digest(public, challenge.nonce, challenge.document_sha256)


class SigningKeyOutput(serializers.ModelSerializer):
    organisation = serializers.CharField(source="organisation_id")
    user = serializers.CharField(source="user_id")

    class Meta:
        model = SigningKey
        fields = [
            "id",
            "organisation",
            "user",
            "public_key",
            "document_sha256",
            "state",
            "enrolled_at",
            "revoked_at",
            "reason",
        ]


class ApiKeyOutput(serializers.ModelSerializer):
    organisation = serializers.CharField(source="membership.organisation_id")
    user = serializers.CharField(source="membership.user_id")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))

    class Meta:
        model = ApiKey
        fields = [
            "id",
            "organisation",
            "user",
            "label",
            "prefix",
            "scopes",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        ]


class IssuedApiKeyOutput(ApiKeyOutput):
    token = serializers.CharField(help_text="Shown once; only its SHA-256 is kept.")

    class Meta(ApiKeyOutput.Meta):
        fields = [*ApiKeyOutput.Meta.fields, "token"]


class OwnOrganisationOutput(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


class MeOutput(serializers.Serializer):
    """Who calls, for which organisation, and which others could be chosen."""

    kind = serializers.CharField()
    user = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    organisation = serializers.CharField(allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField())
    organisations = OwnOrganisationOutput(many=True)


def me(user: Any, actor: Any, memberships: list[Membership]) -> dict[str, Any]:
    """The reply of GET /me."""
    return {
        "kind": actor.kind,
        "user": user.pk,
        "name": user.name,
        "email": user.email,
        "organisation": actor.organisation_id,
        "roles": sorted(actor.roles),
        "organisations": [
            {
                "id": membership.organisation_id,
                "name": membership.organisation.name,
                "kind": membership.organisation.kind,
                "state": membership.organisation.state,
                "roles": sorted(grant.role for grant in membership.in_force),
            }
            for membership in memberships
        ],
    }
