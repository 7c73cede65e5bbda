"""Figures of the log: appending, recording, proving, anchoring."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from bench import Figure, Measurement, alternate
from bench.databases import scratch_postgresql

_BATCH = 1_000
_BATCHES = 20
_APPEND_RATIO, _APPEND_BAR = 0.4, 50_000
_EVENTS = 400
_LEAVES, _FEW = 1_000_000, 1_000
_PROOFS, _PROOF_SECONDS = 300, 0.002
_GAS, _GAS_OF_A_TRANSFER = 40_000, 21_000


def append() -> Measurement:
    """Canonical bytes in, leaves, tiles and head committed, 1,000 at a time."""
    with scratch_postgresql():
        from django.db import transaction

        from ledger import actions, queries

        far = iter(range(10**12, 10**13))

        def appended() -> None:
            for entries in prepared:
                with transaction.atomic():
                    actions.append(entries)

        def copied() -> None:
            for entries in prepared:
                with transaction.atomic():
                    copy_leaves([(next(far), *entry, secrets.token_bytes(32)) for entry in entries])

        seconds, limits = [], []
        for _turn in range(5):
            prepared = batches()
            start = perf_counter()
            appended()
            seconds.append(perf_counter() - start)
            prepared = batches()
            start = perf_counter()
            copied()
            limits.append(perf_counter() - start)
        assert queries.head().size == 5 * _BATCH * _BATCHES
        assert queries.root_at(queries.head().size) == queries.head().root
    rate, limit = (_BATCH * _BATCHES / median(times[1:]) for times in (seconds, limits))
    return Measurement(
        value=rate,
        unit="leaves/s",
        limit=limit,
        limit_name="COPY of the same rows into the leaf table, 1,000 a transaction",
        met=rate >= _APPEND_RATIO * limit and rate >= _APPEND_BAR,
        more={"batch": _BATCH},
    )


def batches() -> list[list[tuple[str, bytes]]]:
    """Entries that no one has seen: event ids and leaf bodies of random roots."""
    from core.ids import new_id
    from tallystick.proof.commit import leaf_bytes

    return [
        [
            (new_id("evt"), leaf_bytes(secrets.token_hex(32), secrets.token_hex(32)))
            for _place in range(_BATCH)
        ]
        for _number in range(_BATCHES)
    ]


def copy_leaves(rows: list[tuple[int, str, bytes, bytes]]) -> None:
    """The limit: one COPY into the indexed table, nothing hashed."""
    from django.db import connection

    from ledger.actions.sequencer import COPY_LEAVES

    with connection.cursor() as cursor, cursor.copy(COPY_LEAVES) as copy:
        copy.set_types(["int8", "varchar", "bytea", "bytea"])
        for row in rows:
            copy.write_row(row)


def record() -> Measurement:
    """Events of three fields with salts, both commitments, body, subject and queue row."""
    with scratch_postgresql():
        from dataclasses import dataclass

        from django.db import transaction

        from core.actors import COMMAND
        from core.events import Fact
        from core.events import record as write
        from core.models import Event

        @dataclass(frozen=True, kw_only=True)
        class Measured(Fact):
            """Something was measured."""

            number: int
            name: str
            digest: str

        def recorded() -> None:
            with transaction.atomic():
                for number in range(_EVENTS):
                    fact = Measured(number=number, name="重庆", digest="0" * 64)
                    write(fact, by=COMMAND, about=["bch_1"], parties=[])

        seconds, limit = alternate(recorded, insert_rows, rounds=3)
        assert Event.objects.filter(type=Measured.TYPE).count() == 4 * _EVENTS
    return Measurement(
        value=_EVENTS / seconds,
        unit="events/s",
        limit=_EVENTS / limit,
        limit_name="the same four rows an event, ready-made, one INSERT each",
        met=True,
        more={"fields": 9},
    )


def insert_rows() -> None:
    """The limit: the rows that an event leaves, without making their content."""
    from django.db import connection, transaction

    from core.ids import new_id

    fields = '{"name": {"value": "x", "salt": "' + "0" * 64 + '"}}'
    with transaction.atomic(), connection.cursor() as cursor:
        for _number in range(_EVENTS):
            event = new_id("evt")
            cursor.execute(
                "INSERT INTO core_event "
                "VALUES (%s, 'b', 'bch_1', 'b', now(), now(), false, %s, %s)",
                [event, secrets.token_hex(32), "0" * 64],
            )
            cursor.execute("INSERT INTO core_eventbody VALUES (%s, %s)", [event, fields])
            cursor.execute(
                "INSERT INTO core_eventsubject (event_id, ref) VALUES (%s, 'bch_1')", [event]
            )
            cursor.execute("INSERT INTO core_unsealed VALUES (%s)", [event])


def proof() -> Measurement:
    """Inclusion proofs of random leaves, from the database, at a million leaves."""
    with scratch_postgresql():
        from ledger import queries

        grow(_FEW, 0)
        few = seconds_of(lambda event: queries.inclusion(event[0], _FEW), sample(0, _FEW))
        events = grow(_LEAVES, _FEW)
        many = seconds_of(lambda event: queries.inclusion(event[0], _LEAVES), events)
        whole = seconds_of(lambda event: queries.proof_for(event[1]), events)
        check(queries.proof_for(events[0][1]))
        limit = seconds_of(one_tile, events)
    return Measurement(
        value=1 / many,
        unit="proofs/s",
        limit=1 / limit,
        limit_name="SELECT of one tile by its key",
        met=many < _PROOF_SECONDS and many < 2 * few,
        more={
            "ms": round(many * 1000, 3),
            "ms_at_1000_leaves": round(few * 1000, 3),
            "ms_with_event_and_checkpoint": round(whole * 1000, 3),
        },
    )


def sample(start: int, end: int) -> list[tuple[int, str, bytes]]:
    """Random leaves between two sizes, in order: index, event id, body."""
    from core.ids import new_id

    chosen = sorted(Random(end).sample(range(start, end), _PROOFS))
    return [(index, new_id("evt"), str(index).encode()) for index in chosen]


def grow(size: int, old: int) -> list[tuple[int, str, bytes]]:
    """Grow the stored tree from `old` leaves to `size` and sign it; some of its new leaves."""
    from django.db import transaction
    from django.utils import timezone

    from ledger import queries
    from ledger.actions.sequencer import write_rows
    from ledger.models import Checkpoint
    from ledger.tiles import Frontier, edges
    from tallystick.proof.tree import hash_leaf

    frontier = Frontier(old, queries.fetch_tiles(edges(old)))
    frontier.extend(hash_leaf(str(index).encode()) for index in range(old, size))
    chosen = sample(old, size)
    rows = [(index, event, body, hash_leaf(body)) for index, event, body in chosen]
    with transaction.atomic():
        write_rows(rows, frontier.changed)
        Checkpoint.objects.create(
            size=size, root=frontier.root(), note="bench", signed_at=timezone.now()
        )
    return chosen


def seconds_of(function, events) -> float:
    """Median seconds of one call."""
    times = []
    for event in events:
        start = perf_counter()
        function(event)
        times.append(perf_counter() - start)
    return median(times)


def check(found) -> None:
    """The proof that was timed verifies."""
    from tallystick.proof.tree import hash_leaf, verify_inclusion

    root, size = found.checkpoint.root, found.checkpoint.size
    assert verify_inclusion(found.index, size, hash_leaf(found.body), found.path, root)


def one_tile(_event: object) -> None:
    """The limit: the smallest read that a proof needs."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT hashes FROM ledger_tile WHERE level = 0 AND n = 7")
        cursor.fetchone()


def anchor_gas() -> Measurement:
    """Gas of an anchor after the first, on the local chain."""
    from ledger.evm.driver import address_of, connect

    key = secrets.token_bytes(32)
    with tempfile.TemporaryDirectory() as folder:
        chain = connect("", chain_id=865_023, local_path=Path(folder) / "chain.sqlite3")
        contract = chain.deploy(key, max_step=1_000_000)
        used = []
        for number in range(1, 6):
            signed = chain.sign_anchor(
                key,
                contract,
                nonce=chain.next_nonce(address_of(key)),
                size=number * _BATCH,
                root=secrets.token_bytes(32),
                previous=chain.head(contract).root,
            )
            chain.send_raw(signed.raw)
            receipt = chain.receipt(signed.hash)
            assert receipt is not None
            assert receipt.succeeded
            used.append(receipt.gas_used)
        assert chain.head(contract).size == 5 * _BATCH
    gas = max(used[1:])
    return Measurement(
        value=gas,
        unit="gas",
        limit=_GAS_OF_A_TRANSFER,
        limit_name="a transaction that does nothing; less is better",
        met=gas <= _GAS,
        more={"first": used[0], "per_leaf_at_1000": gas / _BATCH},
    )


FIGURES = [
    Figure(
        "ledger.append",
        f">= {_APPEND_RATIO} of the limit and >= {_APPEND_BAR} leaves/s, PostgreSQL",
        append,
    ),
    Figure("ledger.record", "reported with its limit, PostgreSQL", record),
    Figure("ledger.proof", "< 2 ms at 1,000,000 leaves, flat in size, PostgreSQL", proof),
    Figure("ledger.anchor_gas", f"<= {_GAS} an anchor after the first", anchor_gas),
]
