"""The delivery API: handing a registered file over. Data itself leaves by the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import Endpoint
from delivery import actions, queries
from delivery.serializers import DepositOutput

PIECE = 1 << 20


class StreamParser(BaseParser):
    """Hands the body over unread, whatever its type."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The body in pieces of at most 1 MiB."""
    while piece := stream.read(PIECE):
        yield piece


class DepositContent(Endpoint):
    parser_classes = [StreamParser]

    @extend_schema(
        operation_id="deposits_put",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=DepositOutput,
    )
    def put(self, request: Request, version_id: str) -> Response:
        """Deposit the registered file of a version; another file is refused and not kept."""
        version = queries.version(version_id)
        row = actions.deposit(version, pieces(request._request), by=self.actor)
        return Response(DepositOutput(row).data)


class DepositOf(Endpoint):
    @extend_schema(operation_id="deposits_show", responses=DepositOutput)
    def get(self, request: Request, version_id: str) -> Response:
        """Whether the file of a version has been deposited."""
        row = queries.visible_deposit(version_id, self.actor)
        return Response(DepositOutput(row).data)
