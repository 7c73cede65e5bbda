"""Users, organisations and what they hold: memberships, roles, interests, keys."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.states import (
    InvitationState,
    OrganisationKind,
    OrganisationState,
    Role,
    SigningKeyState,
)
from core.ids import PrefixedIdField
from core.states import in_states

APPLIED, QUALIFIED, REFUSED, SUSPENDED = OrganisationState.values


class User(AbstractBaseUser):
    """One person. Signs in with the e-mail address, which is kept in lower case."""

    id = PrefixedIdField(prefix="usr")
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = BaseUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def is_staff(self) -> bool:
        """Administrators of the exchange may look at the admin pages."""
        return RoleGrant.objects.filter(
            membership__user=self,
            membership__until=None,
            membership__organisation__kind=OrganisationKind.EXCHANGE,
            role=Role.ADMINISTRATOR,
            revoked_at=None,
        ).exists()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's admin asks this; its pages are read-only whatever the answer."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """As `has_perm`."""
        return self.is_active and self.is_staff


class Organisation(models.Model):
    """A member of the exchange, or the exchange itself. `is_demo` is set at creation for ever."""

    id = PrefixedIdField(prefix="org")
    name = models.CharField(max_length=100)
    uscc = models.CharField(max_length=18)
    kind = models.CharField(max_length=10, choices=OrganisationKind.choices)
    region = models.CharField(max_length=6)
    state = models.CharField(
        max_length=9, choices=OrganisationState.choices, default=OrganisationState.APPLIED
    )
    is_demo = models.BooleanField(default=False)
    onboarding_sha256 = models.CharField(max_length=64)
    applied_at = models.DateTimeField()
    qualified_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=in_states(OrganisationState.values), name="organisation_state_known"
            ),
            models.CheckConstraint(
                condition=in_states(OrganisationKind.values, field_name="kind"),
                name="organisation_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[APPLIED, REFUSED], qualified_at=None)
                | Q(state__in=[QUALIFIED, SUSPENDED], qualified_at__isnull=False),
                name="organisation_qualified_at",
            ),
            models.CheckConstraint(
                condition=Q(state=REFUSED, refused_at__isnull=False)
                | (~Q(state=REFUSED) & Q(refused_at=None)),
                name="organisation_refused_at",
            ),
            models.CheckConstraint(
                condition=Q(state=SUSPENDED, suspended_at__isnull=False)
                | (~Q(state=SUSPENDED) & Q(suspended_at=None)),
                name="organisation_suspended_at",
            ),
            models.UniqueConstraint(
                fields=["uscc"], condition=~Q(state=REFUSED), name="organisation_uscc_once"
            ),
            models.UniqueConstraint(
                fields=["onboarding_sha256"],
                condition=~Q(state=REFUSED),
                name="organisation_document_once",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind=OrganisationKind.EXCHANGE),
                name="organisation_one_exchange",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user belongs to an organisation from `since` to `until` (null: still)."""

    id = PrefixedIdField(prefix="mem")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(until=None),
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="membership_term"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organisation_id}"


class Invitation(models.Model):
    """An organisation asks whoever holds `email` to become a member with `roles`.

    It is addressed to an address, so that inviting tells nobody whether there is an account.
    """

    id = PrefixedIdField(prefix="inv")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    roles = models.JSONField()
    invited_by = models.CharField(max_length=80)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=9, choices=InvitationState.choices, default=InvitationState.OPEN
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [models.Index(fields=["email", "state"], name="invitation_of_address")]
        constraints = [
            models.CheckConstraint(
                condition=in_states(InvitationState.values), name="invitation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.OPEN, closed_at=None)
                | ~Q(state=InvitationState.OPEN) & Q(closed_at__isnull=False),
                name="invitation_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="invitation_term"
            ),
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(state=InvitationState.OPEN),
                name="invitation_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} of {self.organisation_id}"


class RoleGrant(models.Model):
    """A role that a member holds. `granted_by` is the granting actor's label."""

    id = PrefixedIdField(prefix="rol")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=13, choices=Role.choices)
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.CheckConstraint(
                condition=in_states(Role.values, field_name="role"), name="role_known"
            ),
            models.UniqueConstraint(
                fields=["membership", "role"], condition=Q(revoked_at=None), name="role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.membership_id}"


class Interest(models.Model):
    """A declared interest of a user in an organisation: it makes them affiliated."""

    id = PrefixedIdField(prefix="itr")
    user = models.ForeignKey(User, models.PROTECT, related_name="interests")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        verbose_name = _("declared interest")
        verbose_name_plural = _("declared interests")
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="interest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organisation_id}"


class ApiKey(models.Model):
    """A machine's credential, tied to a membership. `prefix` is public, the rest is hashed."""

    id = PrefixedIdField(prefix="key")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="api_keys")
    label = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_key_term"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix})"


class KeyChallenge(models.Model):
    """A single-use question that only the holder of `public_key` can answer."""

    id = PrefixedIdField(prefix="kch")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64, unique=True)
    document_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("key challenge")
        verbose_name_plural = _("key challenges")
        indexes = [models.Index(fields=["organisation", "public_key"])]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.public_key[:16]}"


class SigningKey(models.Model):
    """An Ed25519 key whose private half the organisation's signer holds."""

    id = PrefixedIdField(prefix="sgk")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="signing_keys")
    user = models.ForeignKey(User, models.PROTECT, related_name="signing_keys")
    challenge = models.OneToOneField(KeyChallenge, models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=64, unique=True)
    document_sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    state = models.CharField(
        max_length=8, choices=SigningKeyState.choices, default=SigningKeyState.ENROLLED
    )
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.CheckConstraint(
                condition=in_states(SigningKeyState.values), name="signing_key_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=SigningKeyState.ENROLLED, revoked_at=None)
                | Q(state=SigningKeyState.REVOKED, revoked_at__isnull=False),
                name="signing_key_revoked_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_key[:16]} of {self.organisation_id}"
