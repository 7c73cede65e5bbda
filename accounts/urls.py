"""Addresses of accounts; signing in and up are allauth's, under /accounts/."""

from django.urls import path

from accounts import api as views
from accounts.api import invitations
from accounts.views import (
    Acting,
    ApiKeys,
    Apply,
    Keys,
    OneInvitation,
    OneKey,
    OneMember,
    OwnOrganisation,
    Team,
)

ORGANISATION = "organisations/<str:organisation_id>"

api = [
    path("me", views.Me.as_view(), name="me"),
    path("me/organisation", views.ChooseOrganisation.as_view(), name="me-organisation"),
    path("me/invitations", invitations.MyInvitations.as_view(), name="my-invitations"),
    path(
        "me/invitations/<str:invitation_id>/accept",
        invitations.AcceptInvitation.as_view(),
        name="invitation-accept",
    ),
    path(
        "me/invitations/<str:invitation_id>/refuse",
        invitations.RefuseInvitation.as_view(),
        name="invitation-refuse",
    ),
    path("organisations", views.Organisations.as_view(), name="organisations"),
    path(ORGANISATION, views.OneOrganisation.as_view(), name="organisation"),
    *(
        path(f"{ORGANISATION}/{verb}", view.as_view(), name=f"organisation-{verb}")
        for verb, view in views.DECISIONS.items()
    ),
    path(f"{ORGANISATION}/members", views.Members.as_view(), name="members"),
    path(f"{ORGANISATION}/invitations", invitations.Invitations.as_view(), name="invitations"),
    path(
        f"{ORGANISATION}/invitations/<str:invitation_id>/withdraw",
        invitations.WithdrawInvitation.as_view(),
        name="invitation-withdraw",
    ),
    path(
        f"{ORGANISATION}/members/<str:user_id>/remove",
        views.RemoveMember.as_view(),
        name="member-remove",
    ),
    path(
        f"{ORGANISATION}/declare-interest",
        views.DeclareInterest.as_view(),
        name="declare-interest",
    ),
    path(f"{ORGANISATION}/key-challenges", views.KeyChallenges.as_view(), name="key-challenges"),
    path(f"{ORGANISATION}/signing-keys", views.SigningKeys.as_view(), name="signing-keys"),
    path(
        "signing-keys/<str:key_id>/revoke",
        views.RevokeSigningKey.as_view(),
        name="signing-key-revoke",
    ),
    path("api-keys", views.ApiKeys.as_view(), name="api-keys"),
    path("api-keys/<str:key_id>/revoke", views.RevokeApiKey.as_view(), name="api-key-revoke"),
]
pages = [
    path("desk/acting", Acting.as_view(), name="acting"),
    path("desk/organisation", OwnOrganisation.as_view(), name="organisation"),
    path("desk/organisation/apply", Apply.as_view(), name="organisation_apply"),
    path("desk/team", Team.as_view(), name="team"),
    path("desk/team/<str:user_id>", OneMember.as_view(), name="member"),
    path("desk/invitations/<str:invitation_id>", OneInvitation.as_view(), name="invitation"),
    path("desk/api-keys", ApiKeys.as_view(), name="api_keys"),
    path("desk/keys", Keys.as_view(), name="keys"),
    path("desk/keys/<str:key_id>", OneKey.as_view(), name="key"),
]
