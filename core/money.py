"""Money is integer fen (分) of CNY. Splits lose and invent nothing."""

from __future__ import annotations

from collections.abc import Mapping

BPS = 10_000
MAX_FEN = 10**15


def split_bps(amount_fen: int, parts: Mapping[str, int], *, remainder_to: str) -> dict[str, int]:
    """Divide `amount_fen` by basis points; `remainder_to` holds the basis points left.

    Each share is within one fen of exact, the shares add up to the amount, and the
    split of -x is the negation of the split of x. Largest remainder; a tie goes to
    `remainder_to` first, then in the order of `parts`.
    Raises ValueError when basis points are negative or exceed 10,000.
    """
    rest = BPS - sum(parts.values())
    if rest < 0 or any(bps < 0 for bps in parts.values()) or remainder_to in parts:
        raise ValueError("basis points must be >= 0 and add up to at most 10,000")
    if amount_fen < 0:
        negated = split_bps(-amount_fen, parts, remainder_to=remainder_to)
        return {party: -share for party, share in negated.items()}
    exact = {remainder_to: amount_fen * rest} | {p: amount_fen * b for p, b in parts.items()}
    shares = {party: fen // BPS for party, fen in exact.items()}
    by_remainder = sorted(exact, key=lambda party: -(exact[party] % BPS))
    for party in by_remainder[: amount_fen - sum(shares.values())]:
        shares[party] += 1
    return {party: shares[party] for party in (*parts, remainder_to)}


def yuan(fen: int) -> str:
    """¥1,200.00; a negative amount as −¥1.00."""
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
