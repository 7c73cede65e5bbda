"""Holding what is stored against what it must follow from.

Each room brings one check in its fsck.py: a function without arguments that answers with a
sentence on what it found equal and raises Difference at the first thing that is not.
`settings.CHECKS` names the list, the log first: a check trusts what those before it derived.
Checks read and write nothing, in constant memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import translation
from django.utils.module_loading import import_string

from core.events import Fact, plain
from core.models import EventBody

CHUNK = 1000
LAG = timedelta(seconds=60)
Told = tuple[str, dict[str, Any]]
Row = TypeVar("Row", bound=Model)


class Difference(Exception):
    """What is stored is not what it must follow from."""


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Events of `fact` bear witness to `rows`: each tells of one row, and of each row one tells.

    `key` maps the fields of the fact that name the row to its columns, `same` those that say
    what stands in it.
    """

    fact: type[Fact]
    rows: QuerySet[Any]
    key: Mapping[str, str]
    same: Mapping[str, str]
    at: str = ""
    """The column with the moment at which the fact took effect: the event's own, or up to LAG
    before it, where the action took its time to record it."""


Turn = str | Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True, kw_only=True)
class Course:
    """The state of each row is the one to which the newest event about it led.

    `field` is the facts' field that names the row, which is the subject of facts without it;
    `turns` says to which state a fact leads, by its values where that depends on them, None
    where it leads nowhere.
    """

    rows: QuerySet[Any]
    turns: Mapping[type[Fact], Turn]
    field: str = "subject"


def check_all() -> Iterator[str]:
    """What each room's check found equal, in order, over one moment of the database.

    Raises Difference.
    """
    with snapshot():
        for path in import_string(settings.CHECKS):
            yield checked(path)


def checked(path: str) -> str:
    """What the check at the dotted `path` found equal. Raises Difference."""
    check: Callable[[], object] = import_string(path)
    try:
        return str(check())
    except (ValueError, LookupError, TypeError) as unreadable:
        room, why = path.partition(".")[0], f"{type(unreadable).__name__}: {unreadable}"
        raise Difference(f"{room}: something stored cannot be read: {why}") from unreadable


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything inside sees the database as it was at one moment, and holds nobody up.

    Inside a transaction that transaction's view is kept.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not atomic(): that takes the lock for writing, and a long check would stop all writers.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def require_told(*witnesses: Witness) -> None:
    """Raises Difference where a row is not what its event told, or one of the two is missing."""
    for witness in witnesses:
        told = sum(require_same(witness, chunk) for chunk in chunks_told(witness.fact))
        stored = witness.rows.count()
        if stored != told:
            raise Difference(f"{stored} {nouns(witness)} are stored, {told} were told of")


def require_course(*courses: Course) -> None:
    """Raises Difference where a row's state is not the one that its events led to."""
    for course in courses:
        for chunk in chunks(course.rows):
            led = states_told(course, [row.pk for row in chunk])
            for row in chunk:
                if row.state != led.get(row.pk):
                    what = f"{in_english(row._meta.verbose_name)} {row.pk}"
                    told = led.get(row.pk, "nothing")
                    raise Difference(f"{what}: it is {row.state}, its events told of {told}")


def states_told(course: Course, keys: list[Any]) -> dict[Any, str]:
    """To which state the newest event led each of the rows with these keys."""
    turns = {fact.TYPE: turn for fact, turn in course.turns.items()}
    rows = EventBody.objects.filter(event__type__in=turns, event__subjects__ref__in=keys)
    led: dict[Any, str] = {}
    for body in rows.distinct().select_related("event").order_by("event__recorded_at", "event_id"):
        values = {name: opening["value"] for name, opening in body.fields.items()}
        turn = turns[body.event.type]
        state = turn(values) if callable(turn) else turn
        if state is not None:
            led[values.get(course.field, values["subject"])] = str(state)
    return led


def chunks_told(fact: type[Fact]) -> Iterator[list[Told]]:
    """Event id and values of every event of this type, oldest first, CHUNK at a time."""
    for chunk in chunks(EventBody.objects.filter(event__type=fact.TYPE)):
        yield [
            (body.event_id, {name: opening["value"] for name, opening in body.fields.items()})
            for body in chunk
        ]


def each(rows: QuerySet[Row]) -> Iterator[Row]:
    """Every row by primary key."""
    for chunk in chunks(rows):
        yield from chunk


def chunks(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Every row by primary key, CHUNK at a time, and no cursor left open when a check ends."""
    chunk = list(rows.order_by("pk")[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(rows.order_by("pk").filter(pk__gt=chunk[-1].pk)[:CHUNK])


def require_same(witness: Witness, chunk: list[Told]) -> int:
    """Compare the rows that a chunk of events tells of; how many. Raises Difference."""
    field, column = next(iter(witness.key.items()))
    wanted = {values.get(field) for _event, values in chunk}
    columns = witness.key.values()
    stored = {
        tuple(plain(getattr(row, name)) for name in columns): row
        for row in witness.rows.filter(**{f"{column}__in": wanted})
    }
    for event, values in chunk:
        key = tuple(values.get(name) for name in witness.key)
        row = stored.get(key)
        if row is None:
            raise Difference(f"event {event} tells of {nouns(witness)} {key}: not stored")
        for name, held in witness.same.items():
            if plain(getattr(row, held)) != values.get(name):
                what = f"{in_english(row._meta.verbose_name)} {row.pk}"
                raise Difference(f"{what}: {held} is not what event {event} told")
        if witness.at and not took_effect(getattr(row, witness.at), values):
            what = f"{in_english(row._meta.verbose_name)} {row.pk}"
            raise Difference(f"{what}: {witness.at} is not what event {event} told")
    return len(chunk)


def took_effect(held: datetime | None, values: Mapping[str, Any]) -> bool:
    """Whether a stored moment is that of an event's effect, give or take its recording."""
    effect = datetime.fromisoformat(values["effective_at"])
    return held is not None and timedelta(0) <= effect - held <= LAG


def nouns(witness: Witness) -> str:
    """What the rows are called."""
    return in_english(witness.rows.model._meta.verbose_name_plural)


def in_english(name: Any) -> str:
    """A model's name as these reports, which are for operators and logs, say everything."""
    with translation.override("en"):
        return str(name)
