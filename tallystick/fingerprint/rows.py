"""The order-free row digest: LtHash32 over the rows of a table.

The state is 1,024 lanes of 32 bits. Each row adds the first 4,096 bytes of the BLAKE3 XOF of
its encoding, taken as little-endian lanes, modulo 2^32 lane by lane; so the state depends on
the multiset of rows and not on their order, and parts can be summed apart. The digest is
BLAKE3-256 of the little-endian state. Source: Lewi et al., "Securing Update Propagation with
Homomorphic Hashing" (IACR 2019/227), there with 16-bit lanes.
"""

from __future__ import annotations

from collections.abc import Sequence

from blake3 import blake3

LANES = 1024
STATE_BYTES = 4 * LANES
MAX_ROWS = 2**28

# Odd lanes are also summed apart; each kind then has 64 bits a lane, where 2^28 sums fit.
_EVEN_LANES = int.from_bytes(b"\xff\xff\xff\xff\0\0\0\0" * (LANES // 2), "little")
_ODD_LANES = _EVEN_LANES << 32


def encode_row(cells: Sequence[bytes]) -> bytes:
    """Each cell as its length in bytes (32 bits, little-endian) and its bytes."""
    return b"".join([part for cell in cells for part in (len(cell).to_bytes(4, "little"), cell)])


def digest_of_state(state: bytes) -> str:
    """BLAKE3-256 of the 4,096-byte state, in hex."""
    return blake3(state).hexdigest()


EMPTY_ROW_DIGEST = digest_of_state(bytes(STATE_BYTES))


class PureRowSum:
    """The state, summed in plain integers; `csv_numpy.sum_rows` is the same with numpy."""

    def __init__(self) -> None:
        self._all = 0
        self._odd = 0

    def add_row(self, encoded: bytes) -> None:
        """Add one row, encoded by `encode_row`."""
        self.add_state(blake3(encoded).digest(STATE_BYTES))

    def add_state(self, state: bytes) -> None:
        """Add the state of other rows."""
        lanes = int.from_bytes(state, "little")
        self._all += lanes
        self._odd += lanes & _ODD_LANES

    def state(self) -> bytes:
        """The 4,096-byte little-endian state."""
        even = self._all - self._odd
        lanes = (even & _EVEN_LANES) | (self._odd & _ODD_LANES)
        return lanes.to_bytes(STATE_BYTES, "little")
