"""How the API describes itself: who may call, and that every refusal is a problem."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

REFUSALS = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429", "503")
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "basis": {"type": "string"},
        "remedy": {"type": "string"},
        "field": {"type": "string"},
        "data": {"type": "object"},
        "request_id": {"type": "string"},
    },
}


class EndpointSchema(AutoSchema):
    """Public endpoints need no credential, though they take one."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Security requirements; an empty one first where visitors are let in."""
        needed: list[dict[str, list[str]]] = super().get_auth()
        return [{}, *needed] if getattr(self.view, "public", False) else needed


class OnceGenerator(SchemaGenerator):
    """The schema is the same for every caller: it is made once for each language."""

    made: ClassVar[dict[str | None, Any]] = {}

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """The whole schema, whoever asks."""
        language = get_language()
        if language not in self.made:
            made = super().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
            self.made[language] = made
        return self.made[language]


def describe_problems(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Schema hook: every operation answers refusals as RFC 9457 problems."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {"Refused": {"description": "Refused", "content": content}}
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            responses = operation.setdefault("responses", {})
            for status in REFUSALS:
                responses.setdefault(status, {"$ref": "#/components/responses/Refused"})
    return result
