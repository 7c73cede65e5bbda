"""The accounts API: organisations, members, signing keys, API keys, and oneself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, queries, serializers
from accounts.authentication import SESSION_ORGANISATION
from accounts.models import Organisation
from core.api import PAGE_PARAMETERS, ActionInput, Endpoint, paged


class OrganisationEndpoint(Endpoint):
    """Base of what hangs on one organisation that the actor may see."""

    def organisation(self, organisation_id: str) -> Organisation:
        return queries.organisation_for(organisation_id, self.actor)


class Organisations(Endpoint):
    @extend_schema(
        operation_id="organisations_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(serializers.OrganisationOutput),
    )
    def get(self, request: Request) -> Response:
        """Your organisations; all of them for exchange staff and regulators."""
        rows = queries.organisations_for(self.actor)
        return self.page(rows, serializers.OrganisationOutput)

    @extend_schema(
        operation_id="organisations_apply",
        request=serializers.ApplyInput,
        responses={201: serializers.OrganisationOutput},
    )
    def post(self, request: Request) -> Response:
        """Apply for admission; you become the organisation's first member."""
        body = self.read(serializers.ApplyInput)
        moment = body.pop("effective_at")

        def effect() -> Any:
            made = actions.apply_for_admission(
                **body, applicant=request.user, by=self.actor, now=moment
            )
            return serializers.OrganisationOutput(made).data

        return self.write(effect, status=201)


class OneOrganisation(OrganisationEndpoint):
    @extend_schema(operation_id="organisations_show", responses=serializers.OrganisationOutput)
    def get(self, request: Request, organisation_id: str) -> Response:
        """One organisation."""
        found = self.organisation(organisation_id)
        return Response(serializers.OrganisationOutput(found).data)


class Decision(OrganisationEndpoint):
    """A verb on an organisation whose body has the names of its action's parameters."""

    action: ClassVar[Callable[..., Organisation]]

    def act(self, organisation_id: str, serializer: type[ActionInput]) -> Response:
        """Call the action with the body's fields; answer the organisation as it then is."""
        body = self.read(serializer)
        moment = body.pop("effective_at")

        def effect() -> Any:
            found = self.organisation(organisation_id)
            done = type(self).action(found, **body, by=self.actor, now=moment)
            return serializers.OrganisationOutput(done).data

        return self.write(effect)


def decision(
    verb: str, action: Callable[..., Organisation], serializer: type[ActionInput], purpose: str
) -> type[Decision]:
    """The endpoint POST /organisations/{id}/<verb> that calls `action`."""

    class OrganisationDecision(Decision):
        @extend_schema(
            operation_id=f"organisations_{verb}",
            request=serializer,
            responses=serializers.OrganisationOutput,
            description=purpose,
        )
        def post(self, request: Request, organisation_id: str) -> Response:
            return self.act(organisation_id, serializer)

    OrganisationDecision.action = staticmethod(action)
    OrganisationDecision.__name__ = f"Organisation{verb.title()}"
    return OrganisationDecision


DECISIONS: dict[str, type[Decision]] = {
    verb: decision(verb, action, serializer, purpose)
    for verb, action, serializer, purpose in (
        (
            "admit",
            actions.admit,
            ActionInput,
            "Admit an applicant: reviewers of the exchange who are not affiliated with it.",
        ),
        ("refuse", actions.refuse, serializers.ReasonInput, "Refuse an applicant, with a reason."),
        (
            "suspend",
            actions.suspend,
            serializers.ReasonInput,
            "Suspend a member organisation, with a reason: it may read but not act.",
        ),
        ("reinstate", actions.reinstate, ActionInput, "End a suspension."),
    )
}


class Members(OrganisationEndpoint):
    @extend_schema(
        operation_id="organisations_members_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(serializers.OrganisationMemberOutput),
    )
    def get(self, request: Request, organisation_id: str) -> Response:
        """Members of one organisation and the roles granted to them."""
        rows = queries.members_of(self.organisation(organisation_id))
        return self.page(rows, serializers.OrganisationMemberOutput)

    @extend_schema(
        operation_id="organisations_members_add",
        request=serializers.MemberInput,
        responses={201: serializers.OrganisationMemberOutput},
    )
    def post(self, request: Request, organisation_id: str) -> Response:
        """Give a member further roles. Who is no member yet is invited."""
        body = self.read(serializers.MemberInput)

        def effect() -> Any:
            organisation = self.organisation(organisation_id)
            user = queries.member_by_email(organisation, body["email"])
            actions.add_member(
                organisation,
                user=user,
                roles=body["roles"],
                by=self.actor,
                now=body["effective_at"],
            )
            member = queries.membership_of(user, organisation)
            return serializers.OrganisationMemberOutput(member).data

        return self.write(effect, status=201)


class RemoveMember(OrganisationEndpoint):
    @extend_schema(
        operation_id="organisations_members_remove",
        request=ActionInput,
        responses=serializers.OrganisationMemberOutput,
    )
    def post(self, request: Request, organisation_id: str, user_id: str) -> Response:
        """End a membership, with the roles and keys that it carried."""
        moment = self.read(ActionInput)["effective_at"]

        def effect() -> Any:
            organisation = self.organisation(organisation_id)
            user = queries.user(user_id)
            ended = actions.remove_member(organisation, user=user, by=self.actor, now=moment)
            return serializers.OrganisationMemberOutput(ended).data

        return self.write(effect)


class DeclareInterest(OrganisationEndpoint):
    @extend_schema(
        operation_id="organisations_declare_interest",
        request=ActionInput,
        responses={201: serializers.InterestOutput},
    )
    def post(self, request: Request, organisation_id: str) -> Response:
        """Declare an interest in an organisation: you no longer decide on it."""
        moment = self.read(ActionInput)["effective_at"]

        def effect() -> Any:
            organisation = self.organisation(organisation_id)
            made = actions.declare_interest(
                request.user, organisation=organisation, by=self.actor, now=moment
            )
            return serializers.InterestOutput(made).data

        return self.write(effect, status=201)


class KeyChallenges(OrganisationEndpoint):
    @extend_schema(
        operation_id="signing_keys_challenge",
        request=serializers.PublicKeyInput,
        responses={201: serializers.ChallengeOutput},
    )
    def post(self, request: Request, organisation_id: str) -> Response:
        """Ask for the challenge that the holder of a key signs to enrol it."""
        body = self.read(serializers.PublicKeyInput)

        def effect() -> Any:
            drawn = actions.challenge_key(
                self.organisation(organisation_id),
                public_key=body["public_key"],
                by=self.actor,
                now=body["effective_at"],
            )
            context = {"origin": settings.LOG_ORIGIN}
            return serializers.ChallengeOutput(drawn, context=context).data

        return self.write(effect, status=201)


class SigningKeys(OrganisationEndpoint):
    @extend_schema(
        operation_id="signing_keys_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(serializers.SigningKeyOutput),
    )
    def get(self, request: Request, organisation_id: str) -> Response:
        """Signing keys of one organisation, revoked ones too."""
        rows = queries.signing_keys_of(self.organisation(organisation_id))
        return self.page(rows, serializers.SigningKeyOutput)

    @extend_schema(
        operation_id="signing_keys_enrol",
        request=serializers.EnrolInput,
        responses={201: serializers.SigningKeyOutput},
    )
    def post(self, request: Request, organisation_id: str) -> Response:
        """Enrol a key by the signature that answers its challenge."""
        body = self.read(serializers.EnrolInput)

        def effect() -> Any:
            made = actions.enrol_key(
                self.organisation(organisation_id),
                public_key=body["public_key"],
                signature=body["signature"],
                by=self.actor,
                now=body["effective_at"],
            )
            return serializers.SigningKeyOutput(made).data

        return self.write(effect, status=201)


class RevokeSigningKey(Endpoint):
    @extend_schema(
        operation_id="signing_keys_revoke",
        request=serializers.ReasonInput,
        responses=serializers.SigningKeyOutput,
    )
    def post(self, request: Request, key_id: str) -> Response:
        """Revoke a signing key: nothing signed by it from now on is accepted."""
        body = self.read(serializers.ReasonInput)

        def effect() -> Any:
            key = queries.signing_key_by_id(key_id)
            done = actions.revoke_key(
                key, reason=body["reason"], by=self.actor, now=body["effective_at"]
            )
            return serializers.SigningKeyOutput(done).data

        return self.write(effect)


class ApiKeys(Endpoint):
    @extend_schema(
        operation_id="api_keys_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(serializers.ApiKeyOutput),
    )
    def get(self, request: Request) -> Response:
        """Your API keys; an administrator sees those of the organisation."""
        return self.page(queries.api_keys_of(self.actor), serializers.ApiKeyOutput)

    @extend_schema(
        operation_id="api_keys_issue",
        request=serializers.ApiKeyInput,
        responses={201: serializers.IssuedApiKeyOutput},
    )
    def post(self, request: Request) -> Response:
        """Issue an API key to yourself, signed in. The token is shown this once."""
        body = self.read(serializers.ApiKeyInput)

        def effect() -> Any:
            organisation = queries.organisation_for(self.actor.organisation_id, self.actor)
            member = queries.membership_of(request.user, organisation)
            key, token = actions.issue_api_key(member, **body, by=self.actor)
            key.token = token
            return serializers.IssuedApiKeyOutput(key).data

        return self.write(effect, status=201)


class RevokeApiKey(Endpoint):
    @extend_schema(
        operation_id="api_keys_revoke",
        request=ActionInput,
        responses=serializers.ApiKeyOutput,
    )
    def post(self, request: Request, key_id: str) -> Response:
        """Revoke an API key."""
        moment = self.read(ActionInput)["effective_at"]

        def effect() -> Any:
            done = actions.revoke_api_key(queries.api_key(key_id), by=self.actor, now=moment)
            return serializers.ApiKeyOutput(done).data

        return self.write(effect)


class Me(Endpoint):
    @extend_schema(operation_id="me_show", responses=serializers.MeOutput)
    def get(self, request: Request) -> Response:
        """Who you are and for which organisation you act."""
        memberships = list(queries.memberships_of(request.user))
        return Response(serializers.me(request.user, self.actor, memberships))


class ChooseOrganisation(Endpoint):
    @extend_schema(
        operation_id="me_choose_organisation",
        request=serializers.ChooseOrganisationInput,
        responses=serializers.MeOutput,
    )
    def post(self, request: Request) -> Response:
        """Choose the organisation for which this session acts."""
        body = self.read(serializers.ChooseOrganisationInput)
        chosen = queries.organisation(body["organisation"])
        actor = queries.actor_for(request.user, chosen)
        request.session[SESSION_ORGANISATION] = chosen.pk
        memberships = list(queries.memberships_of(request.user))
        return Response(serializers.me(request.user, actor, memberships))
