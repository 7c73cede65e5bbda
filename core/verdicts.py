"""Answers of rules: Allowed, or Denied with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """No, because of `reason` (translated), with the article in `basis`.

    `hidden` means that the actor may not even know that the thing exists (404).
    """

    code: str
    reason: Any
    basis: str = ""
    remedy: Any = ""
    hidden: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return False


Verdict = Allowed | Denied
ALLOWED = Allowed()


def hidden() -> Denied:
    """The denial that looks like absence."""
    return Denied("not-found", _("There is no such thing here."), hidden=True)


def require(verdict: Verdict) -> None:
    """Return when allowed. Raises NotFound for a hidden denial, NotAllowed otherwise."""
    if isinstance(verdict, Allowed):
        return
    if verdict.hidden:
        raise NotFound("not-found", verdict.reason)
    raise NotAllowed(
        verdict.code,
        verdict.reason,
        basis=verdict.basis,
        remedy=verdict.remedy,
        **verdict.data,
    )


def first_denied(*verdicts: Verdict) -> Verdict:
    """The first denial in order, or Allowed."""
    return next((v for v in verdicts if isinstance(v, Denied)), ALLOWED)
