"""What happened to a thing, in the reader's words: some of the events about it, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.models import Event


@dataclass(frozen=True, slots=True)
class Moment:
    """One event as core/history.html shows it; `text` may say more than `title`."""

    at: datetime
    title: Any
    text: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """How a fact is said: its title, the field that says why, and the tone of its notch."""

    title: Any
    why: str = ""
    tone: str = ""


def history(ref: str, words: Mapping[str, Word]) -> list[Moment]:
    """The events about `ref` whose type is among `words`, oldest first. One query.

    A body that was erased leaves its title alone.
    """
    rows = Event.objects.filter(subjects__ref=ref, type__in=words).select_related("body")
    return [moment_of(event, words[event.type]) for event in rows.order_by("id")]


def moment_of(event: Event, word: Word) -> Moment:
    """One event in words."""
    body = getattr(event, "body", None)
    value = body.fields.get(word.why, {}).get("value", "") if body and word.why else ""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Moment(event.effective_at, word.title, text, word.tone)
