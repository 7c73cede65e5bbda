"""Accounts in the reading room. Secrets and digests of secrets are not shown."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import (
    ApiKey,
    Interest,
    Invitation,
    KeyChallenge,
    Membership,
    Organisation,
    RoleGrant,
    SigningKey,
    User,
)
from core.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("id", "email", "name", "is_active", "joined_at", "last_login")
    search_fields = ("id", "email", "name")
    exclude = ("password",)


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    acts_at = "review_member"
    list_display = ("id", "name", "uscc", "kind", "region", "state", "is_demo")
    list_filter = ("kind", "state", "is_demo")
    search_fields = ("id", "name", "uscc")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "organisation", "since", "until")
    list_select_related = ("user", "organisation")
    search_fields = ("id", "user__email", "organisation__name")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "organisation", "email", "state", "invited_at", "expires_at")
    list_filter = ("state",)
    list_select_related = ("organisation",)
    search_fields = ("id", "email", "organisation__name")


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    list_display = ("membership", "role", "granted_by", "granted_at", "revoked_at")
    list_filter = ("role",)


@admin.register(Interest)
class InterestAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "organisation", "declared_at")
    list_select_related = ("user", "organisation")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("id", "prefix", "label", "membership", "expires_at", "revoked_at")
    search_fields = ("id", "prefix")
    exclude = ("token_sha256",)


@admin.register(KeyChallenge)
class KeyChallengeAdmin(ReadOnlyAdmin):
    list_display = ("id", "organisation", "public_key", "created_at", "expires_at", "used_at")
    list_select_related = ("organisation",)


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    list_display = ("id", "organisation", "user", "public_key", "state", "enrolled_at")
    list_filter = ("state",)
    list_select_related = ("organisation", "user")
    search_fields = ("id", "public_key")
