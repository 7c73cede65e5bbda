"""Objections over HTTP: made by persons, decided by reviewers."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import PAGE_PARAMETERS, ActionInput, Endpoint, paged
from registry import actions, queries
from registry.models import Objection
from registry.serializers import DeclineInput, ObjectInput, TitleObjectionOutput


def shown(objection: Objection) -> dict[str, Any]:
    """An objection as JSON."""
    return dict(TitleObjectionOutput(objection).data)


class PublicityObjections(Endpoint):
    @extend_schema(
        operation_id="publicity_object", request=ObjectInput, responses={201: TitleObjectionOutput}
    )
    def post(self, request: Request, case_id: str) -> Response:
        """Object to a registration in publicity, in your own name and with evidence."""
        body = self.read(ObjectInput)
        now, notice = body.pop("effective_at"), queries.notice(case_id, timezone.now())

        def effect() -> dict[str, Any]:
            return shown(actions.object_to(notice.case, **body, by=self.actor, now=now))

        return self.write(effect, status=201)


class Objections(Endpoint):
    @extend_schema(
        operation_id="objections_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(TitleObjectionOutput),
    )
    def get(self, request: Request) -> Response:
        """Those you made and those against your registrations; for reviewers all."""
        return self.page(queries.objections_for(self.actor), TitleObjectionOutput)


class OneObjection(Endpoint):
    @extend_schema(operation_id="objections_show", responses=TitleObjectionOutput)
    def get(self, request: Request, objection_id: str) -> Response:
        """One objection with its decision."""
        return Response(shown(queries.objection(objection_id, self.actor)))


class Verb(Endpoint):
    """A verb on an objection whose body has the names of its action's parameters."""

    deed: Any = None

    def act(self, objection_id: str, serializer: Any) -> Response:
        """Call the action with the body's fields; answer the objection as it then is."""
        body = self.read(serializer)
        now, found = body.pop("effective_at"), queries.objection(objection_id, self.actor)

        def effect() -> dict[str, Any]:
            return shown(type(self).deed(found, **body, by=self.actor, now=now))

        return self.write(effect)


class ObjectionUphold(Verb):
    deed = staticmethod(actions.uphold)

    @extend_schema(
        operation_id="objections_uphold", request=DeclineInput, responses=TitleObjectionOutput
    )
    def post(self, request: Request, objection_id: str) -> Response:
        """Find it right; the registration is refused on its ground."""
        return self.act(objection_id, DeclineInput)


class ObjectionReject(Verb):
    deed = staticmethod(actions.reject)

    @extend_schema(
        operation_id="objections_reject", request=DeclineInput, responses=TitleObjectionOutput
    )
    def post(self, request: Request, objection_id: str) -> Response:
        """Find it not right; the registration goes on."""
        return self.act(objection_id, DeclineInput)


class ObjectionWithdraw(Verb):
    deed = staticmethod(actions.withdraw_objection)

    @extend_schema(
        operation_id="objections_withdraw", request=ActionInput, responses=TitleObjectionOutput
    )
    def post(self, request: Request, objection_id: str) -> Response:
        """Take your own objection back."""
        return self.act(objection_id, ActionInput)
