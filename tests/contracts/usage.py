"""Usage as statements see it, set by the test."""

from contracts.billing import MeterTotal
from contracts.queries import usage


def counted(monkeypatch, *, calls=0, indeterminate=0, digest="d" * 64):
    """Let every period have `calls` calls of rows.call; returns the periods asked for."""
    asked = []

    def totals(contract_id, *, since, until):
        asked.append((contract_id, since, until))
        return [
            MeterTotal(
                meter="rows.call",
                units=calls,
                calls=calls,
                indeterminate_units=indeterminate,
                rollup_digest=digest,
            )
        ]

    monkeypatch.setattr(usage, "totals", totals)
    return asked
