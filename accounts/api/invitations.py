"""Invitations over HTTP: an organisation's, and one's own."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, queries
from accounts.api import OrganisationEndpoint
from accounts.serializers import InvitationOutput, MemberInput, OrganisationMemberOutput
from core.api import PAGE_PARAMETERS, ActionInput, Endpoint, paged
from core.errors import NotFound

PAGE = paged(InvitationOutput)


class Invitations(OrganisationEndpoint):
    @extend_schema(
        operation_id="organisations_invitations_list",
        parameters=PAGE_PARAMETERS,
        responses=PAGE,
    )
    def get(self, request: Request, organisation_id: str) -> Response:
        """Invitations that the organisation made, answered ones too."""
        rows = queries.invitations_of(self.organisation(organisation_id))
        return self.page(rows, InvitationOutput)

    @extend_schema(
        operation_id="organisations_invite",
        request=MemberInput,
        responses={201: InvitationOutput},
    )
    def post(self, request: Request, organisation_id: str) -> Response:
        """Invite whoever holds an e-mail address; the membership begins when they accept."""
        body = self.read(MemberInput)
        moment = body.pop("effective_at")

        def effect() -> Any:
            organisation = self.organisation(organisation_id)
            made = actions.invite(organisation, **body, by=self.actor, now=moment)
            return InvitationOutput(made).data

        return self.write(effect, status=201)


class WithdrawInvitation(OrganisationEndpoint):
    @extend_schema(
        operation_id="organisations_invitations_withdraw",
        request=ActionInput,
        responses=InvitationOutput,
    )
    def post(self, request: Request, organisation_id: str, invitation_id: str) -> Response:
        """Take an invitation back before it is answered."""
        moment = self.read(ActionInput)["effective_at"]

        def effect() -> Any:
            organisation = self.organisation(organisation_id)
            found = queries.invitation(invitation_id)
            if found.organisation_id != organisation.pk:
                raise NotFound("invitation-unknown", _("There is no such invitation."))
            done = actions.withdraw_invitation(found, by=self.actor, now=moment)
            return InvitationOutput(done).data

        return self.write(effect)


class MyInvitations(Endpoint):
    @extend_schema(
        operation_id="me_invitations_list",
        parameters=PAGE_PARAMETERS,
        responses=PAGE,
    )
    def get(self, request: Request) -> Response:
        """Invitations that wait for your answer."""
        return self.page(queries.invitations_to(request.user, timezone.now()), InvitationOutput)


class AcceptInvitation(Endpoint):
    @extend_schema(
        operation_id="me_invitations_accept",
        request=ActionInput,
        responses=OrganisationMemberOutput,
    )
    def post(self, request: Request, invitation_id: str) -> Response:
        """Agree, signed in: you are a member from now on."""
        moment = self.read(ActionInput)["effective_at"]

        def effect() -> Any:
            found = queries.invitation(invitation_id)
            actions.accept_invitation(found, user=request.user, by=self.actor, now=moment)
            member = queries.membership_of(request.user, found.organisation)
            return OrganisationMemberOutput(member).data

        return self.write(effect)


class RefuseInvitation(Endpoint):
    @extend_schema(
        operation_id="me_invitations_refuse",
        request=ActionInput,
        responses=InvitationOutput,
    )
    def post(self, request: Request, invitation_id: str) -> Response:
        """Do not become a member."""
        moment = self.read(ActionInput)["effective_at"]

        def effect() -> Any:
            found = queries.invitation(invitation_id)
            done = actions.refuse_invitation(found, user=request.user, by=self.actor, now=moment)
            return InvitationOutput(done).data

        return self.write(effect)
