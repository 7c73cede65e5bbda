"""Domain errors: what happened, why, and what to do next.

An action raises one of these; `core.http` maps each to a page or to an RFC 9457
problem, once, at the edge. "May not" (403) and "too late" (409) are never the same
error, and what may not be seen is 404.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop


class DomainError(Exception):
    """A refusal with a stable code.

    `message` says what happened, `basis` names the article or clause, `remedy` says
    what to do next, `field` names the input at fault ("" when none), `data` holds
    JSON values for programs. Messages are lazy translations where they are shown.
    """

    status = 400
    title = gettext_noop("Refused")

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        basis: str = "",
        remedy: Any = "",
        field: str = "",
        **data: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.basis = basis
        self.remedy = remedy
        self.field = field
        self.data = data

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(DomainError):
    """The input cannot be accepted as it stands (422)."""

    status = 422
    title = gettext_noop("Invalid input")


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credential does not hold (401)."""

    status = 401
    title = gettext_noop("Sign in first")


class NotAllowed(DomainError):
    """This actor may not do this (403)."""

    status = 403
    title = gettext_noop("Not allowed")


class NotFound(DomainError):
    """There is no such thing, or it is not for this actor to see (404)."""

    status = 404
    title = gettext_noop("Not found")


class WrongState(DomainError):
    """The thing is in a state in which this verb has no meaning (409)."""

    status = 409
    title = gettext_noop("Wrong state")


class Conflict(DomainError):
    """Something else stands in the way (409)."""

    status = 409
    title = gettext_noop("Conflict")


class TooLarge(DomainError):
    """The body or file is larger than this door admits (413)."""

    status = 413
    title = gettext_noop("Too large")


class Busy(DomainError):
    """Try again; `retry_after` seconds stands in `data` (429)."""

    status = 429
    title = gettext_noop("Busy")


class Unavailable(DomainError):
    """A part that is needed does not answer; nothing was changed (503)."""

    status = 503
    title = gettext_noop("Unavailable")


class Fault(DomainError):
    """The site failed at something; what it was stands in its log (500)."""

    status = 500
    title = gettext_noop("Fault")
