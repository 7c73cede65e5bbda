"""A whole trade on record, and a hand that changes what the database protects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core import fsck
from tests.factories import marketplace, supervision
from tests.ledger.test_sequencer import tamper


def make_records() -> supervision.World:
    """A trade from registration to a settled statement over three calls."""
    world = supervision.make_world()
    statement = marketplace.make_statement(world.trade, calls=3)
    world.trade.countersign(statement)
    return world


def said_after(check: str, table: str, statement: str, values: Sequence[Any] = ()) -> str:
    """What the check says once somebody with the database's own rights has done that."""
    fsck.checked(check)
    tamper(table, statement, values)
    with pytest.raises(fsck.Difference) as found:
        fsck.checked(check)
    return str(found.value)
