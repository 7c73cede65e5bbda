"""The public catalogue, and the zones."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import PAGE_PARAMETERS, Endpoint, paged
from marketplace.actions import zones
from marketplace.queries import Filters, catalogue
from marketplace.queries import zones as open_zones
from marketplace.serializers import CatalogueOutput, CatalogueQuery, ZoneInput, ZoneOutput
from marketplace.states import ProductForm

QUERY = [
    OpenApiParameter("q", str, description="Words to look for; Chinese needs no spaces."),
    OpenApiParameter("zone", str, description="Id of a zone."),
    OpenApiParameter("industry", str, description="Code of GB/T 4754, such as I65."),
    OpenApiParameter("seller", str, description="Id of a seller."),
    OpenApiParameter("form", str, enum=ProductForm.values),
    OpenApiParameter("page", int, description="From 1; 20 products a page."),
]


class Catalogue(Endpoint):
    """What is listed, for everybody."""

    public = True

    @extend_schema(operation_id="catalogue_search", parameters=QUERY, responses=CatalogueOutput)
    def get(self, request: Request) -> Response:
        """Search what is listed: best first for a query, newest first without one."""
        asked = CatalogueQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        narrowing = dict(asked.validated_data)
        query, page = narrowing.pop("q"), narrowing.pop("page")
        return Response(CatalogueOutput(catalogue(query, Filters(**narrowing), page)).data)


class Zones(Endpoint):
    """The sector zones: everybody reads them, administrators of the exchange open them."""

    @property
    def public(self) -> bool:
        return self.request.method == "GET"

    @extend_schema(
        operation_id="zones_list", parameters=PAGE_PARAMETERS, responses=paged(ZoneOutput)
    )
    def get(self, request: Request) -> Response:
        """The zones that are open."""
        return self.page(open_zones(), ZoneOutput, ordering="slot")

    @extend_schema(operation_id="zones_open", request=ZoneInput, responses={201: ZoneOutput})
    def post(self, request: Request) -> Response:
        """Open a zone in the first free of the eight places: the exchange's administrators."""
        body = self.read(ZoneInput)
        now = body.pop("effective_at")

        def effect() -> Any:
            return ZoneOutput(zones.open_zone(**body, by=self.actor, now=now)).data

        return self.write(effect, status=201)
