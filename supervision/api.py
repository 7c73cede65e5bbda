"""Supervision over HTTP: trails and bundles for auditors, trust and proofs for everybody."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import PAGE_PARAMETERS, Endpoint, paged
from supervision import actions, queries
from supervision.serializers import (
    AccessLineOutput,
    AccessOutput,
    EventProofOutput,
    ExportInput,
    TrailOutput,
    TrustOutput,
)

ZIP = "application/zip"


class ZipRenderer(JSONRenderer):
    """Lets callers ask for a ZIP; what is rendered are refusals, which are JSON all the same."""

    media_type = ZIP
    format = "zip"


class Trail(Endpoint):
    told = True

    @extend_schema(operation_id="trails_read", responses=TrailOutput)
    def get(self, request: Request, ref: str) -> Response:
        """Every event about a thing and what hangs on it. That you read it is recorded."""
        return Response(TrailOutput(actions.read_trail(ref, by=self.actor)).data)


class TrailBundle(Endpoint):
    renderer_classes = [ZipRenderer, JSONRenderer]

    @extend_schema(
        operation_id="trails_export",
        request=ExportInput,
        responses={(200, ZIP): OpenApiResponse(OpenApiTypes.BINARY, "A proof bundle.")},
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """The evidence about a thing as a signed bundle. Each export is recorded."""
        self.read(ExportInput)
        made = actions.export_bundle(ref, by=self.actor)
        headers = {
            "Content-Disposition": f'attachment; filename="{ref}.zip"',
            "X-Bundle-SHA256": made.sha256,
        }
        return HttpResponse(made.content, headers=headers, content_type=ZIP)


class Accesses(Endpoint):
    told = True

    @extend_schema(
        operation_id="accesses_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(AccessLineOutput),
    )
    def get(self, request: Request) -> Response:
        """What your organisation looked at and carried away, newest first."""
        return self.page(queries.accesses_of(self.actor), AccessOutput)


class Trust(Endpoint):
    public = True

    @extend_schema(operation_id="trust_show", responses=TrustOutput)
    def get(self, request: Request) -> Response:
        """What the exchange says a verifier should trust; compare it with another source."""
        return Response(TrustOutput(queries.trust_file()).data)


class Proof(Endpoint):
    public = True

    @extend_schema(operation_id="events_proof", responses=EventProofOutput)
    def get(self, request: Request, event_id: str) -> Response:
        """The event's leaf and its inclusion in the newest checkpoint; no field is disclosed."""
        return Response(EventProofOutput(queries.event_proof(event_id)).data)
