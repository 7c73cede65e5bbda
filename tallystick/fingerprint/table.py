"""Reads a table as its file streams by, and sums its rows.

One thread: the sum of a row is a call of two microseconds that holds the interpreter, and
handing such calls to other threads costs what it gains.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from tallystick.fingerprint import rows
from tallystick.fingerprint.csv_records import (
    BLOCK,
    RecordCutter,
    TableError,
    check_text,
    record_at,
    records,
)
from tallystick.fingerprint.manifest import MAX_COLUMNS, Column, Table, header_refusal

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _BlockSum:
    """What one block of records adds; `state` is None once there are too many rows."""

    rows: int
    state: bytes | None


class TableSink:
    """Takes a CSV file block by block; `table()` is its part of the manifest.

    `update` and `table` raise TableError at the first fault of the file. `vectorised` chooses
    numpy (None: where it is installed); the digest is the same.
    """

    def __init__(self, *, vectorised: bool | None = None) -> None:
        self._vectorised = find_spec("numpy") is not None if vectorised is None else vectorised
        self._cutter = RecordCutter()
        self._started = False
        self._columns: tuple[Column, ...] = ()
        self._rows = 0
        self._lines = 0
        self._sum = rows.PureRowSum()

    def update(self, block: memoryview | bytes) -> None:
        """Take the next bytes of the file; the first block holds 3 bytes at least, or all."""
        data = bytes(block)
        if not self._started:
            self._started = True
            data = data.removeprefix(_BOM)
        self._take(data, final=False)

    def table(self) -> Table:
        """What the file holds, once all of it was taken."""
        self._take(b"", final=True)
        if not self._columns:
            raise TableError("empty", "an empty file has no header")
        digest = None
        if self._rows <= rows.MAX_ROWS:
            digest = rows.digest_of_state(self._sum.state())
        return Table(self._columns, self._rows, digest)

    def _take(self, data: bytes, *, final: bool) -> None:
        try:
            for block in self._cutter.cut(data, final=final):
                body = block if self._columns else self._without_header(block)
                if body:
                    self._add(body)
        except TableError as error:
            raise error.moved(self._lines) from None

    def _add(self, block: bytes) -> None:
        digesting = self._rows <= rows.MAX_ROWS
        part = _sum_block(block, len(self._columns), digesting, self._vectorised)
        self._rows += part.rows
        self._lines += block.count(b"\n")
        if part.state is not None:
            self._sum.add_state(part.state)

    def _without_header(self, block: bytes) -> bytes:
        check_text(block)
        cells, after = record_at(block, 0, MAX_COLUMNS)
        names = [cell.decode("utf-8") for cell in cells]
        reason = header_refusal(names)
        if reason is not None:
            raise TableError("header", reason)
        self._columns = tuple(Column(name) for name in names)
        self._lines = block.count(b"\n", 0, after)
        return block[after:]


def _sum_block(block: bytes, columns: int, digesting: bool, vectorised: bool) -> _BlockSum:
    check_text(block)
    if vectorised and len(block) <= 2 * BLOCK:
        from tallystick.fingerprint import csv_numpy

        encoded = csv_numpy.encode_rows(block, columns)
        if encoded is not None:
            state = csv_numpy.sum_rows(*encoded) if digesting else None
            return _BlockSum(len(encoded[1]), state)
    count, total = 0, rows.PureRowSum()
    for cells in records(block, columns):
        count += 1
        if digesting:
            total.add_row(rows.encode_row(cells))
    return _BlockSum(count, total.state() if digesting else None)
