"""Figures of double-entry posting: batches on one hot account, on PostgreSQL."""

from __future__ import annotations

from uuid import uuid4

from bench import Figure, Measurement, alternate
from bench.databases import scratch_postgresql

_BATCH = 1_000
_BATCHES = 8
_ROWS = _BATCH * _BATCHES
_BAR = 15_000
_RAW = """
INSERT INTO money_transfer (id, debit_id, credit_id, amount_fen, code, kind, position,
  ref, batch, recorded_at, effective_at)
SELECT t.id, %s, %s, 1, 'bench', 'posted', t.position, 'ctr_bench', %s, now(), now()
FROM unnest(%s::uuid[]) WITH ORDINALITY AS t(id, position)
"""


def transfers() -> Measurement:
    """Batches of 1,000 from one hot account through `money.actions.post`."""
    with scratch_postgresql():
        from core.actors import COMMAND
        from money import actions, queries

        hot, cold = opened("wallet:bench", floor=True), opened("escrow:bench", floor=True)
        funds = actions.Posting(actions.new_id(), opened("clearing:bench"), hot, 10**12)
        actions.post([funds], by=COMMAND, about=["ctr_bench"], parties=[])

        def posted() -> None:
            for _number in range(_BATCHES):
                batch = [
                    actions.Posting(actions.new_id(), hot, cold, 1, code="bench")
                    for _place in range(_BATCH)
                ]
                actions.post(batch, by=COMMAND, about=["ctr_bench"], parties=[])

        debit, credit = queries.account(hot).pk, queries.account(cold).pk
        seconds, limit = alternate(posted, lambda: inserted(debit, credit))
        moved = queries.balance(hot).debits_posted
        assert moved == queries.balance(cold).credits_posted
        assert moved % _ROWS == 0
    return Measurement(
        value=_ROWS / seconds,
        unit="transfers/s",
        limit=_ROWS / limit,
        limit_name="set-based INSERT of the same rows into the same table",
        met=_ROWS / seconds >= _BAR,
        more={"batch": _BATCH},
    )


def opened(key: str, *, floor: bool = False) -> str:
    """The key of an account, opened on first use."""
    from core.actors import COMMAND
    from money import actions

    actions.open_account(key, kind=key.partition(":")[0], floor=floor, by=COMMAND)
    return key


def inserted(debit: str, credit: str) -> None:
    """The limit: the rows alone, in as many transactions."""
    from django.db import connection, transaction

    for _number in range(_BATCHES):
        ids = [uuid4().hex for _place in range(_BATCH)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_RAW, [debit, credit, uuid4().hex[:30], ids])


FIGURES = [
    Figure("money.transfers", f">= {_BAR}/s, batched, one hot account, PostgreSQL", transfers)
]
