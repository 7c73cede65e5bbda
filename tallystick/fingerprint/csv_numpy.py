"""The rows of a block of CSV, encoded for the row digest by whole-array operations.

Gives exactly what `csv_records.records` and `rows.encode_row` give, or None wherever the block
is not plainly well formed: then the slow reader decides and names the fault.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from blake3 import blake3

from tallystick.fingerprint.rows import LANES, STATE_BYTES

_COMMA, _CR, _LF, _QUOTE = 44, 13, 10, 34
_BATCH = 64  # rows whose XOF outputs (256 KiB) are summed at once: they stay in the cache

Flags = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.intp]


def encode_rows(block: bytes, columns: int) -> tuple[bytes, list[int]] | None:
    """The encoded rows one after the other, and where each ends; None to ask the slow reader."""
    if not block.endswith(b"\n"):
        if block.endswith(b"\r"):
            return None
        block += b"\n"
    octets = np.frombuffer(block, dtype=np.uint8)
    line_ends = octets == _LF
    separators = line_ends | (octets == _COMMA)
    inside: Flags | None = None
    if b'"' in block:
        inside = np.bitwise_xor.accumulate(octets == _QUOTE)
        outside = ~inside
        separators &= outside
        line_ends &= outside
    cell_ends = np.flatnonzero(separators)
    if not _is_rectangular(line_ends[cell_ends], columns):
        return None
    returns = _carriage_returns(block, octets, cell_ends[columns - 1 :: columns], inside)
    if returns is None:
        return None
    lengths: npt.NDArray[np.int64] = np.diff(cell_ends, prepend=-1) - 1
    lengths[columns - 1 :: columns] -= returns
    separators[cell_ends[columns - 1 :: columns][returns] - 1] = True
    if inside is not None:
        marks = _quote_marks(octets == _QUOTE, inside, separators)
        if marks is None:
            return None
        lengths -= np.diff(np.cumsum(marks, dtype=np.int32)[cell_ends], prepend=0)
        separators |= marks
    return _with_lengths(octets[~separators], lengths, columns)


def sum_rows(encoded: bytes, ends: list[int]) -> bytes:
    """The state of the row digest over encoded rows that stand one after the other."""
    total = np.zeros(LANES, dtype="<u4")
    start = 0
    for first in range(0, len(ends), _BATCH):
        outputs = []
        for end in ends[first : first + _BATCH]:
            outputs.append(blake3(encoded[start:end]).digest(STATE_BYTES))
            start = end
        lanes = np.frombuffer(b"".join(outputs), dtype="<u4").reshape(-1, LANES)
        total += lanes.sum(axis=0, dtype="<u4")
    return total.tobytes()


def _is_rectangular(ends_line: Flags, columns: int) -> bool:
    if len(ends_line) % columns:
        return False
    table = ends_line.reshape(-1, columns)
    return bool(table[:, -1].all()) and not table[:, :-1].any()


def _carriage_returns(
    block: bytes, octets: Octets, row_ends: Positions, inside: Flags | None
) -> Flags | None:
    """Which rows end in CRLF; None where a CR outside quotes stands elsewhere."""
    returns: Flags = octets[row_ends - 1] == _CR
    found = block.count(b"\r")
    if found and inside is not None:
        found = int(np.count_nonzero((octets == _CR) & ~inside))
    return returns if found == np.count_nonzero(returns) else None


def _quote_marks(quotes: Flags, inside: Flags, cell_ends: Flags) -> Flags | None:
    """The quotes that are no content; None where a quote stands in a wrong place.

    `inside` tells for each byte whether a quoted cell is open after it.
    """
    if inside[-1]:
        return None
    after_quote = np.concatenate(([False], quotes[:-1]))
    after_cell = np.concatenate(([True], cell_ends[:-1]))
    before_end = np.concatenate(((cell_ends | quotes)[1:], [False]))
    opens, closes = quotes & inside, quotes & ~inside
    if (opens & ~(after_cell | after_quote)).any() or (closes & ~before_end).any():
        return None
    # Of a doubled quote the second one, which opens the cell again, is the content.
    return quotes & ~(opens & after_quote)


def _with_lengths(
    content: Octets, lengths: npt.NDArray[np.int64], columns: int
) -> tuple[bytes, list[int]]:
    """Put each cell's length before it: content goes wherever no length stands."""
    ends = np.cumsum(lengths + 4)
    starts = ends - lengths - 4
    encoded = np.empty(int(ends[-1]), dtype=np.uint8)
    is_content = np.ones(len(encoded), dtype=np.uint8)
    _every_four_bytes(is_content)[starts] = 0
    encoded[is_content.view(np.bool_)] = content
    _every_four_bytes(encoded)[starts] = lengths
    return encoded.tobytes(), ends[columns - 1 :: columns].tolist()


def _every_four_bytes(octets: Octets) -> npt.NDArray[np.uint32]:
    """The array seen as one little-endian word for each offset, overlapping."""
    return np.ndarray((len(octets) - 3,), np.dtype("<u4"), octets, 0, (1,))
