"""From metered totals and frozen terms to the lines of a statement. Pure.

Units include the indeterminate ones; these are shown and billed nothing. Money is
integer fen; a line is billed units times the unit price, so nothing is ever rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from contracts.terms import MeterTerms, Terms, rfc3339
from core.errors import Conflict
from tallystick import canonical
from tallystick.digests import sha256_hex
from tallystick.proof.commit import list_root

CURRENCY = "CNY"
NO_ROLLUPS = sha256_hex(canonical.dumps([]))
"""The digest over no rollups at all."""


@dataclass(frozen=True, kw_only=True)
class MeterTotal:
    """One meter of one contract over a period, summed up from usage rollups.

    `units` counts everything that consumed quota and includes `indeterminate_units`;
    `calls` counts usage events; `rollup_digest` (64 hex digits) is over the rollups.
    """

    meter: str
    units: int
    calls: int
    indeterminate_units: int
    rollup_digest: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One meter on a statement. amount_fen = billed_units x unit_price_fen."""

    meter: str
    unit: str
    calls: int
    units: int
    indeterminate_units: int
    billed_units: int
    unit_price_fen: int
    amount_fen: int
    rollup_digest: str


def priced(terms: Terms, totals: Iterable[MeterTotal]) -> tuple[Line, ...]:
    """A line for each meter of the terms, in their order; an unused meter has zeros.

    Raises Conflict for a meter that the terms do not name, or that comes twice, and for
    counts that contradict each other: then usage and terms do not belong together.
    """
    found: dict[str, MeterTotal] = {}
    for total in totals:
        if terms.meter(total.meter) is None or total.meter in found:
            raise contradiction(total.meter)
        found[total.meter] = total
    unused = {
        m.name: MeterTotal(
            meter=m.name, units=0, calls=0, indeterminate_units=0, rollup_digest=NO_ROLLUPS
        )
        for m in terms.meters
    }
    return tuple(line_of(meter, (unused | found)[meter.name]) for meter in terms.meters)


def line_of(meter: MeterTerms, total: MeterTotal) -> Line:
    """One meter priced. Raises Conflict when more is indeterminate than was counted."""
    billed = total.units - total.indeterminate_units
    if billed < 0 or total.indeterminate_units < 0 or total.calls < 0:
        raise contradiction(meter.name)
    return Line(
        meter=meter.name,
        unit=meter.unit,
        calls=total.calls,
        units=total.units,
        indeterminate_units=total.indeterminate_units,
        billed_units=billed,
        unit_price_fen=meter.unit_price_fen,
        amount_fen=billed * meter.unit_price_fen,
        rollup_digest=total.rollup_digest,
    )


def contradiction(meter: str) -> Conflict:
    """The refusal to price counts that cannot be right."""
    return Conflict(
        "usage-contradicts-terms",
        f"The usage of meter {meter} does not fit the contract's terms.",
        meter=meter,
    )


def root_over(lines: Iterable[Line]) -> str:
    """RFC 6962 SHA-256 root over the canonical JSON of each line, 64 hex digits."""
    return list_root(asdict(line) for line in lines)


def statement_value(
    *,
    origin: str,
    contract: str,
    contract_digest: str,
    number: int,
    since: datetime,
    until: datetime,
    interim: bool,
    lines: tuple[Line, ...],
) -> dict[str, Any]:
    """The canonical value of a statement: what both sides countersign the digest of."""
    return {
        "v": 1,
        "origin": origin,
        "contract": contract,
        "contract_digest": contract_digest,
        "number": number,
        "since": rfc3339(since),
        "until": rfc3339(until),
        "interim": interim,
        "currency": CURRENCY,
        "lines": [asdict(line) for line in lines],
        "root": root_over(lines),
        "amount_fen": sum(line.amount_fen for line in lines),
    }


def digest_of(value: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a statement's value."""
    return sha256_hex(canonical.dumps(value))
