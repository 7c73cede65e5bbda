"""The acts of the story, in order."""

from __future__ import annotations

from collections.abc import Callable

from demo.acts import admission, contract, evidence, listing, registration, settlement, use
from demo.world import World

ACTS: tuple[Callable[[World], None], ...] = (
    admission.play,
    registration.play,
    listing.play,
    contract.play,
    use.play,
    settlement.play,
    evidence.play,
)
