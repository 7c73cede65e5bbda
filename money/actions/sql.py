"""The two writes of a batch, set-based: one statement on PostgreSQL, two on SQLite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from core.models import Event
from money import postings
from money.models import Account, Transfer
from money.postings import Posting
from money.states import TransferKind

Row = tuple[Any, ...]
ONE_STATEMENT = """
WITH added AS (
  INSERT INTO money_transfer (id, debit_id, credit_id, amount_fen, code, kind, pending_id,
    expires_at, position, ref, batch, recorded_at, effective_at)
  SELECT t.*, %s, %s, %s, %s
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[],
              %s::uuid[], %s::timestamptz[], %s::smallint[]) AS t
)
UPDATE money_account AS a SET
  debits_pending = a.debits_pending + d.debits_pending,
  debits_posted = a.debits_posted + d.debits_posted,
  credits_pending = a.credits_pending + d.credits_pending,
  credits_posted = a.credits_posted + d.credits_posted
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
     AS d(id, debits_pending, debits_posted, credits_pending, credits_posted)
WHERE a.id = d.id
"""
INSERT = """
INSERT INTO money_transfer (id, debit_id, credit_id, amount_fen, code, kind, pending_id,
  expires_at, position, ref, batch, recorded_at, effective_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
UPDATE = """
UPDATE money_account SET
  debits_pending = debits_pending + %s, debits_posted = debits_posted + %s,
  credits_pending = credits_pending + %s, credits_posted = credits_posted + %s
WHERE id = %s
"""


@dataclass(slots=True)
class Change:
    """What a batch adds to the counters of one account; holds that end are negative."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0


def changes_of(fresh: Sequence[Posting], holds: Mapping[str, Posting]) -> dict[str, Change]:
    """The fold of a batch, by account key. `holds` are the pending postings it resolves."""
    changes: defaultdict[str, Change] = defaultdict(Change)
    for posting in fresh:
        debit, credit = changes[posting.debit], changes[posting.credit]
        if posting.kind == TransferKind.PENDING:
            debit.debits_pending += posting.amount_fen
            credit.credits_pending += posting.amount_fen
            continue
        if posting.resolves:
            held = holds[posting.pending_id].amount_fen
            debit.debits_pending -= held
            credit.credits_pending -= held
        if posting.kind in {TransferKind.POSTED, TransferKind.POST}:
            debit.debits_posted += posting.amount_fen
            credit.credits_posted += posting.amount_fen
    return dict(changes)


def write(
    fresh: Sequence[Posting],
    changes: Mapping[str, Change],
    accounts: Mapping[str, Account],
    event: Event,
    *,
    ref: str,
) -> None:
    """Insert the transfers and add the changes. `accounts` are those of the batch by key, locked.

    Raises Conflict when another batch took one of the transfer
    ids for other accounts at the same time.
    """
    rows = [
        (
            posting.id,
            accounts[posting.debit].pk,
            accounts[posting.credit].pk,
            posting.amount_fen,
            posting.code,
            posting.kind,
            posting.pending_id or None,
            posting.expires_at,
            position,
        )
        for position, posting in enumerate(fresh)
    ]
    deltas = [(accounts[key].pk, *astuple(change)) for key, change in changes.items()]
    common = (ref, event.pk, timezone.now(), event.effective_at)
    run = on_postgresql if connection.vendor == "postgresql" else on_sqlite
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            run(cursor, rows, common, deltas)
    except IntegrityError as error:
        taken = Transfer.objects.filter(pk__in=[posting.id for posting in fresh]).first()
        if taken is None:
            raise
        raise postings.differs(taken.pk.hex) from error


def stored_among(ids: list[str]) -> list[str]:
    """Those of the transfer ids that are stored; mostly none. One array beats 8,190 parameters."""
    if connection.vendor == "sqlite":
        return [pk.hex for pk in Transfer.objects.filter(pk__in=ids).values_list("pk", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM money_transfer WHERE id = ANY(%s::uuid[])", [ids])
        return [pk.hex for (pk,) in cursor.fetchall()]


def on_postgresql(
    cursor: CursorWrapper,
    rows: Sequence[Row],
    common: Row,
    deltas: Sequence[Row],
) -> None:
    """Arrays in, one statement."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    changes = [list(column) for column in zip(*deltas, strict=True)]
    cursor.execute(ONE_STATEMENT, [*common, *columns, *changes])


def on_sqlite(
    cursor: CursorWrapper,
    rows: Sequence[Row],
    common: Row,
    deltas: Sequence[Row],
) -> None:
    """Row by row inside the driver, moments in the form of Django's own columns."""
    adapt = connection.ops.adapt_datetimefield_value
    ref, batch, recorded_at, effective_at = common
    told = (ref, batch, adapt(recorded_at), adapt(effective_at))
    inserted = [(*row[:7], adapt(row[7]), row[8], *told) for row in rows]
    cursor.executemany(INSERT, inserted)
    cursor.executemany(UPDATE, [(*delta[1:], delta[0]) for delta in deltas])
