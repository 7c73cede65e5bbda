"""The base of every JSON endpoint: parse, call one action or query, render.

A write declares `keyed = True` when it touches money, contracts or quota; it then
requires an Idempotency-Key. Views never write rows and never catch domain errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError as InvalidPosition
from django.db import DataError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import idempotency
from core.actors import ANYBODY, Actor
from core.errors import Invalid, Unauthenticated

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": idempotency.MAX_KEY, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="New random key for each intent, the same key for a retry.",
)


class Query(serializers.Serializer[Any]):
    """Base of an address's parameters, which all arrive as text: unknown ones are refused.

    Looked for where a value is read, so that objects inside objects and lists are no exception.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError(
                {name: [_("Unknown field.")] for name in sorted(unknown)}, code="unknown"
            )
        return super().to_internal_value(data)


class Input(Query):
    """Base of request bodies: each field has the JSON type that the schema names."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            wrong = {
                name: [_("This is not of the type that the field needs.")]
                for name, field in self.fields.items()
                if name in data and not fits(field, data[name])
            }
            if wrong:
                raise serializers.ValidationError(wrong, code="type")
        return super().to_internal_value(data)


def fits(field: serializers.Field[Any, Any, Any, Any], value: Any) -> bool:
    """Whether a JSON value has the type of the field: a number is no text, a text no number."""
    if value is None:
        return True
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return all(fits(field.child, item) for item in value)
    for kind, expected in JSON_TYPES.items():
        if isinstance(field, kind):
            return isinstance(value, expected) and isinstance(value, bool) == (expected is bool)
    return True


JSON_TYPES: dict[type, type] = {
    serializers.BooleanField: bool,
    serializers.IntegerField: int,
    serializers.CharField: str,
    serializers.ChoiceField: str,
    serializers.DateField: str,
    serializers.DateTimeField: str,
    serializers.ListField: list,
    serializers.DictField: dict,
}


class ActionInput(Input):
    """A body that may name its moment of effect (demonstration organisations only)."""

    effective_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class Endpoint(APIView):
    """One resource. `public` lets visitors in; `keyed` asks writes for an Idempotency-Key.

    What a read showed is told to `settings.READS`, which decides whose reads leave an event,
    before the answer goes out; not so where a public endpoint never asked who calls, for
    then everybody gets that answer. `told` says that the endpoint's own action records its
    reads.
    """

    public: ClassVar[bool] = False
    keyed: ClassVar[bool] = False
    told: ClassVar[bool] = False
    asked_who: bool = False

    @property
    def actor(self) -> Actor:
        """Who calls; ANYBODY for a visitor."""
        self.asked_who = True
        actor: Actor = getattr(self.request, "auth", None) or ANYBODY
        return actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.public and self.actor.kind == "visitor":
            raise Unauthenticated(
                "unauthenticated", _("An API key or a signed-in session is needed.")
            )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        shown = request.method in {"GET", "HEAD"} and final.status_code == 200
        if shown and self.asked_who and not self.told:
            tell: Callable[..., None] = import_string(settings.READS)
            tell(
                address=request.get_full_path(),
                refs=[str(value) for value in self.kwargs.values()],
                shown=ids_in(getattr(final, "data", None)),
                by=self.actor,
            )
        return final

    def read(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The validated body. Raises ValidationError, mapped to 422."""
        parsed = serializer(data=self.request.data)
        parsed.is_valid(raise_exception=True)
        return dict(parsed.validated_data)

    def write(self, effect: Callable[[], Any], *, status: int = 200) -> Response:
        """Run `effect` (returns JSON) in one transaction; with a key, exactly once."""
        if not self.keyed:
            with transaction.atomic():
                return Response(effect(), status)
        scope = idempotency.scope_of(
            self.actor.organisation_id or self.actor.label,
            str(self.request.method),
            self.request.path,
            self.request.headers.get("Idempotency-Key", ""),
        )
        body = self.request._request.body
        (stored, reply), replayed = idempotency.once(scope, body, lambda: (status, effect()))
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return Response(reply, stored, headers=headers)

    def page(
        self,
        rows: Any,
        serializer: type[serializers.Serializer[Any]],
        ordering: str | tuple[str, ...] = "-id",
    ) -> Response:
        """One cursor page of a QuerySet."""
        pages = CursorPages()
        pages.ordering = ordering
        found = pages.paginate_queryset(rows, self.request, view=self)
        return pages.get_paginated_response(serializer(found, many=True).data)


def ids_in(data: Any) -> list[str]:
    """The ids of what an answer shows: of a page's rows, or of the one thing."""
    rows = data.get("results", data) if isinstance(data, Mapping) else data
    things = rows if isinstance(rows, list) else [rows]
    return [str(one["id"]) for one in things if isinstance(one, Mapping) and "id" in one]


def paged(item: type[serializers.Serializer[Any]]) -> Any:
    """The schema of one page of `item`, as `Endpoint.page` answers it."""
    name = item.__name__.removesuffix("Output")
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": item(many=True),
        },
    )


PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
    OpenApiParameter("limit", int, description="Rows a page, at most 200; 50 by default."),
]


class CursorPages(CursorPagination):
    """`?cursor=` pages, newest first, at most 200 a page."""

    ordering = "-id"
    page_size_query_param = "limit"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """The rows of one page. Raises Invalid for a cursor that no page ever named."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, OverflowError, InvalidPosition, DataError, NotFound) as error:
            raise Invalid(
                "cursor", _("This cursor does not come from a page of this list."), field="cursor"
            ) from error
