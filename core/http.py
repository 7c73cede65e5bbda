"""The edge: strict input, request ids, and domain errors as problems or pages.

Problems are RFC 9457 objects with `code`, `basis`, `remedy`, `field` and `data`
beside the standard members; `type` is a stable URN of the code.
"""

from __future__ import annotations

import json
import logging
import math
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rest_framework import exceptions as drf
from rest_framework.parsers import JSONParser

from core import errors
from tallystick import canonical

log = logging.getLogger(__name__)
MAX_INTEGER = 2**53 - 1
LANGUAGES = frozenset(dict(settings.LANGUAGES))
Handler = Callable[[HttpRequest], HttpResponse]
PROBLEM_TYPE = "application/problem+json"
TITLES = {
    405: gettext_noop("Method not allowed"),
    406: gettext_noop("Not acceptable"),
    415: gettext_noop("Unsupported media type"),
    429: gettext_noop("Busy"),
}


def problem(error: errors.DomainError, request_id: str = "") -> dict[str, Any]:
    """The RFC 9457 body of a domain error, in the active language."""
    body: dict[str, Any] = {
        "type": f"urn:tallystick:problem:{error.code}",
        "title": _(error.title),
        "status": error.status,
        "detail": str(error.message),
        "code": error.code,
    }
    extra = {"basis": error.basis, "remedy": str(error.remedy), "field": error.field}
    body |= {name: value for name, value in extra.items() if value}
    if error.data:
        body["data"] = error.data
    if request_id:
        body["request_id"] = request_id
    return body


def as_domain_error(exc: Exception) -> errors.DomainError | None:
    """Any expected exception as a domain error; None for the unexpected."""
    if isinstance(exc, errors.DomainError):
        return exc
    if isinstance(exc, drf.ValidationError):
        return errors.Invalid(
            "invalid", _("Some fields are not acceptable."), errors=first_messages(exc.detail)
        )
    if isinstance(exc, Http404 | drf.NotFound):
        return errors.NotFound("not-found", _("There is no such thing here."))
    if isinstance(exc, PermissionDenied | drf.PermissionDenied):
        return errors.NotAllowed("not-allowed", _("You may not do this."))
    if isinstance(exc, RequestDataTooBig):
        return errors.TooLarge("too-large", _("The body is too large."))
    if isinstance(exc, IntegrityError):
        return errors.Conflict(
            "constraint", _("The database refused this: it contradicts what is stored.")
        )
    if isinstance(exc, DataError):
        return errors.Invalid("out-of-range", _("A value is out of range."))
    if isinstance(exc, OperationalError) and "lock" in str(exc).lower():
        return errors.Busy("busy", _("The exchange is busy; try again."), retry_after=1)
    return None


def first_messages(detail: Any, prefix: str = "") -> list[dict[str, str]]:
    """DRF's nested validation detail as a flat list of {field, message, code}."""
    if isinstance(detail, dict):
        return [
            item
            for name, inner in detail.items()
            for item in first_messages(inner, f"{prefix}.{name}" if prefix else str(name))
        ]
    if isinstance(detail, list):
        found: list[dict[str, str]] = []
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            found += first_messages(inner, f"{prefix}.{position}" if nested else prefix)
        return found
    code = str(getattr(detail, "code", "invalid"))
    return [{"field": prefix, "message": str(detail), "code": code}]


def problem_response(exc: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """DRF's exception handler: one shape, whatever a view renders. Unknown is left to be 500."""
    request_id = getattr(context["request"]._request, "id", "")
    headers: dict[str, str] = {}
    error = as_domain_error(exc)
    if error is None and isinstance(exc, drf.APIException):
        error = errors.DomainError(str(exc.default_code).replace("_", "-"), str(exc.detail))
        error.status, error.title = exc.status_code, TITLES.get(exc.status_code, error.title)
    if error is None:
        return None
    if error.status == errors.Unauthenticated.status:
        headers["WWW-Authenticate"] = 'Bearer realm="tallystick"'
    if retry := error.data.get("retry_after"):
        headers["Retry-After"] = str(retry)
    body = problem(error, request_id)
    return JsonResponse(body, status=error.status, headers=headers, content_type=PROBLEM_TYPE)


class RequestIdMiddleware:
    """Give each request an id; it stands in the reply and in every problem."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


class InputGuardMiddleware:
    """Refuse NUL bytes in paths and queries, and bodies past their limit, before any work."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            if refusal := self.refusal(request):
                return refused(request, refusal)
        return self.get_response(request)

    def refusal(self, request: HttpRequest) -> errors.DomainError | None:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in query or "\x00" in query:
            return errors.Invalid("nul-byte", _("A NUL byte cannot be part of an address."))
        if not is_utf8(query):
            return errors.Invalid("not-utf8", _("The query is not UTF-8."))
        length = request.META.get("CONTENT_LENGTH") or "0"
        deposit = request.path.endswith("/content")
        limit = settings.MAX_DEPOSIT_BYTES if deposit else settings.MAX_BODY_BYTES
        if not length.isdigit() or int(length) > limit:
            return errors.TooLarge("too-large", _("The body is too large."), limit_bytes=limit)
        return None


def is_utf8(query: str) -> bool:
    """Whether a raw query string decodes as UTF-8."""
    try:
        text = unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text


def language_of(request: HttpRequest) -> str:
    """The API speaks `?lang=`, else Accept-Language; pages speak the language of their address."""
    if not is_api(request):
        return translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else translation.get_language_from_request(request)


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, who gets a problem, or a person, who gets a page."""
    return request.path.startswith("/api/")


class ApiLanguageMiddleware:
    """The API in the language asked for; pages have theirs already."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request):
            return self.get_response(request)
        with translation.override(language_of(request)):
            return self.get_response(request)


class DomainErrorMiddleware:
    """Domain errors raised by page views become pages in the visitor's language."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        error = as_domain_error(exc)
        return refused(request, error) if error else None


def refused(request: HttpRequest, error: errors.DomainError, **context: Any) -> HttpResponse:
    """A refusal: a problem for programs, a page for people, in the active language."""
    request_id = getattr(request, "id", "")
    if is_api(request):
        body = problem(error, request_id)
        return JsonResponse(body, status=error.status, content_type=PROBLEM_TYPE)
    context |= {"error": error, "title": _(error.title), "request_id": request_id}
    return render(request, "core/problem_detail.html", context, status=error.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """What Django itself refuses to read (400)."""
    return refused(request, errors.DomainError("bad-request", _("This request cannot be read.")))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """What Django itself forbids (403)."""
    return refused(request, errors.NotAllowed("not-allowed", _("You may not do this.")))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """A form that did not come from a page of this site, or from one that is too old (403)."""
    return refused(
        request,
        errors.NotAllowed(
            "stale-form",
            _("This form was not sent from a current page of this site."),
            remedy=_("Go back, reload the page and send the form again."),
        ),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """An address that leads nowhere (404)."""
    return refused(
        request,
        errors.NotFound(
            "not-found",
            _("There is no page at this address."),
            remedy=_("Check the address, or begin at the home page."),
        ),
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Too many attempts to sign in (429)."""
    return refused(
        request,
        errors.Busy(
            "too-many-attempts",
            _("Too many attempts in a short time."),
            remedy=_("Wait five minutes, then try again."),
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of the site (500): no detail, no query, nothing that could fail again."""
    fault = errors.Fault(
        "fault",
        _("Something failed on our side."),
        remedy=_("Try again in a moment. If it stays, report the number below."),
    )
    return refused(request, fault, log=None, user=None, menu=None)


class StrictJSONParser(JSONParser):
    """JSON without NaN, doubled keys, integers past 2^53-1, NUL or lone surrogates."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read()
        try:
            text = raw.decode("utf-8")
            canonical.check_nesting(text)
            return json.loads(
                text,
                parse_int=bounded_integer,
                parse_float=finite_number,
                parse_constant=refuse_constant,
                object_pairs_hook=unique_object,
            )
        except ValueError as exc:
            raise errors.Invalid(
                "malformed-json", _("The body is not acceptable JSON."), reason=str(exc)[:200]
            ) from exc


def bounded_integer(text: str) -> int:
    """An integer within +-(2^53-1). Raises ValueError."""
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise ValueError("integer out of range")
    return int(text)


def finite_number(text: str) -> float:
    """A number that a float can hold. Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


def refuse_constant(name: str) -> None:
    """NaN and Infinity are not JSON. Raises ValueError."""
    raise ValueError(f"{name} is not JSON")


BAD_TEXT = re.compile("[\x00\ud800-\udfff]")


def unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are unique and whose texts are clean. Raises ValueError."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a key twice")
    for name, value in pairs:
        if BAD_TEXT.search(name) or dirty(value):
            raise ValueError("NUL or a lone surrogate in text")
    return found


def dirty(value: Any) -> bool:
    """Whether a string, or a string in a list, holds NUL or a lone surrogate."""
    if isinstance(value, str):
        return bool(BAD_TEXT.search(value))
    return isinstance(value, list) and any(dirty(item) for item in value)
