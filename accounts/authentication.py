"""Who calls the API: an API key in the Authorization header, or a signed-in session.

`request.user` is the person, `request.auth` the core.actors.Actor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import actions, queries
from accounts.models import Membership, User
from accounts.states import OrganisationState, Scope
from core.actors import ANYBODY, Actor
from core.errors import NotAllowed, NotFound, Unauthenticated

BEARER = "Bearer "
SESSION_ORGANISATION = "organisation_id"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer tsk_…`. Anything else in that header is refused with 401."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        if not header.startswith(BEARER):
            raise Unauthenticated(
                "bearer-needed",
                _("The Authorization header must be: Bearer and an API key."),
            )
        try:
            key = queries.api_key_of(header.removeprefix(BEARER).strip())
        except (NotFound, NotAllowed) as refusal:
            raise Unauthenticated(refusal.code, refusal.message, remedy=refusal.remedy) from refusal
        scope = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        if scope not in key.scopes:
            raise NotAllowed(
                "scope-needed",
                _("This API key lacks the scope “%(scope)s”.") % {"scope": str(scope)},
                remedy=_("Issue a key with this scope."),
                scope=str(scope),
            )
        refuse_suspended_writes(request, key.membership)
        actions.note_use(key)
        actor = queries.actor_of_membership(key.membership, credential_id=key.pk)
        return key.membership.user, actor

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="tallystick"'


class OrganisationSessionAuthentication(SessionAuthentication):
    """The signed-in user, acting for the organisation chosen in the session.

    Without a choice: the only organisation, or none. Writes need the CSRF token.
    """

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user: User = found[0]
        membership = chosen_membership(user, request.session.get(SESSION_ORGANISATION, ""))
        if membership is None:
            return user, queries.person(user)
        refuse_suspended_writes(request, membership)
        return user, queries.actor_of_membership(membership)


def chosen_membership(user: User, organisation_id: str) -> Membership | None:
    """The membership in the chosen organisation, or the only one there is."""
    memberships = list(queries.memberships_of(user))
    chosen = [m for m in memberships if m.organisation_id == organisation_id]
    if chosen:
        return chosen[0]
    return memberships[0] if len(memberships) == 1 else None


def refuse_suspended_writes(request: HttpRequest | Request, membership: Membership) -> None:
    """Members of a suspended organisation read and write nothing. Raises NotAllowed."""
    suspended = membership.organisation.state == OrganisationState.SUSPENDED
    if suspended and request.method not in SAFE_METHODS:
        raise NotAllowed(
            "organisation-suspended",
            _("Your organisation is suspended: it may read but not act."),
            remedy=_("Ask the exchange what must be put right."),
        )


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tsk_…"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.OrganisationSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class ActorMiddleware:
    """`request.actor` and `request.membership` of page requests, read when first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = SimpleLazyObject(lambda: session_membership(request))  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: session_actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def session_membership(request: HttpRequest) -> Membership | None:
    """The membership that the signed-in visitor acts through; None for everybody else."""
    if not request.user.is_authenticated:
        return None
    return chosen_membership(request.user, request.session.get(SESSION_ORGANISATION, ""))


def session_actor(request: HttpRequest) -> Actor:
    """Who looks at a page. Raises NotAllowed for a write of a suspended organisation."""
    user = request.user
    if not user.is_authenticated:
        return ANYBODY
    membership = request.membership or None  # type: ignore[attr-defined]  # set above
    if not membership:
        return queries.person(user)
    refuse_suspended_writes(request, membership)
    return queries.actor_of_membership(membership)
