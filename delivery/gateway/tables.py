"""Rows of a CSV file in memory, found by equality of columns, in the file's order.

The bytes stay as they are; beside them stand each row's place and, for each column, the
row numbers sorted by a hash of the cell. Nothing is decoded before it is asked for.
"""

from __future__ import annotations

import base64
import binascii
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from struct import Struct
from zlib import crc32

from tallystick.fingerprint.csv_records import check_text, record_at

MAX_LIMIT = 1000
DEFAULT_LIMIT = 100
MAX_SCAN = 50_000
"""Rows that one call looks at; its page may then be short and still have a cursor."""
CURSOR = Struct(">8sIQ")
Wanted = Sequence[tuple[int, bytes]]


class BadCursor(ValueError):
    """The cursor was not made by this table for this question."""


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` is JSON text, a list of objects; `next_cursor` is None at the end."""

    rows: str
    count: int
    next_cursor: str | None


class Table:
    """A verified CSV file with the columns that were registered.

    Raises ValueError where the bytes are no such table.
    """

    def __init__(self, content: bytes, sha256: str, columns: Sequence[str], rows: int) -> None:
        check_text(content)
        self.columns = tuple(columns)
        self._content = content
        self._version = bytes.fromhex(sha256)[:8]
        self._labels = [encode_basestring(name) + ": " for name in columns]
        self._starts = array("Q")
        hashes = [array("q") for _ in columns]
        for position, cells in self._records():
            self._starts.append(position)
            for column, cell in zip(hashes, cells, strict=True):
                column.append(hash(cell))
        if len(self._starts) != rows:
            raise ValueError(f"{len(self._starts)} rows, not {rows}")
        self._rows_by_hash = [
            array("L", sorted(range(rows), key=column.__getitem__)) for column in hashes
        ]
        self._hashes = [
            array("q", map(column.__getitem__, order))
            for column, order in zip(hashes, self._rows_by_hash, strict=True)
        ]

    def __len__(self) -> int:
        return len(self._starts)

    def page(self, filters: Mapping[str, str], cursor: str, limit: int) -> Page:
        """At most `limit` rows whose columns equal the filters, from the cursor on.

        Raises BadCursor; KeyError for a column that is not there.
        """
        wanted = self._wanted(filters) if filters else []
        rows = self._candidates(wanted, self._first(cursor, wanted))
        content, starts, width = self._content, self._starts, len(self.columns)
        found: list[str] = []
        following: int | None = None
        for seen, row in enumerate(rows):
            if len(found) == limit or seen == MAX_SCAN:
                following = row
                break
            cells, _end = record_at(content, starts[row], width)
            if not wanted or all(cells[place] == value for place, value in wanted):
                found.append(self._as_json(cells))
        after = None if following is None else self._cursor(following, wanted)
        return Page(f"[{', '.join(found)}]", len(found), after)

    def _wanted(self, filters: Mapping[str, str]) -> list[tuple[int, bytes]]:
        return sorted([(self.place_of(name), value.encode()) for name, value in filters.items()])

    def place_of(self, name: str) -> int:
        """The number of a column. Raises KeyError."""
        try:
            return self.columns.index(name)
        except ValueError:
            raise KeyError(name) from None

    def _records(self) -> Iterator[tuple[int, list[bytes]]]:
        """Place and cells of each row after the header. Raises ValueError."""
        width, size = len(self.columns), len(self._content)
        header, position = record_at(self._content, 0, width)
        names = [cell.decode().removeprefix("\ufeff") for cell in header]
        if names != list(self.columns):
            raise ValueError("the header is not the registered one")
        while position < size:
            cells, after = record_at(self._content, position, width)
            if len(cells) != width:
                raise ValueError(f"a row of {len(cells)} cells at byte {position}")
            yield position, cells
            position = after

    def _candidates(self, wanted: Wanted, first: int) -> Iterator[int]:
        """Numbers of rows from `first` on that may match, ascending: by the rarest value."""
        if not wanted:
            yield from range(first, len(self))
            return
        spans = []
        for place, value in wanted:
            mark, hashes = hash(value), self._hashes[place]
            low, high = bisect_left(hashes, mark), bisect_right(hashes, mark)
            spans.append((high - low, place, low, high))
        _count, place, low, high = min(spans)
        order = self._rows_by_hash[place]
        for index in range(bisect_left(order, first, low, high), high):
            yield order[index]

    def _as_json(self, cells: Sequence[bytes]) -> str:
        values = zip(self._labels, cells, strict=True)
        pairs = [label + encode_basestring(cell.decode()) for label, cell in values]
        return "{" + ", ".join(pairs) + "}"

    def _question(self, wanted: Wanted) -> int:
        return crc32(repr(wanted).encode()) if wanted else 0

    def _cursor(self, row: int, wanted: Wanted) -> str:
        raw = CURSOR.pack(self._version, self._question(wanted), row)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _first(self, cursor: str, wanted: Wanted) -> int:
        """The row at which a cursor points; 0 for none. Raises BadCursor."""
        if not cursor:
            return 0
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise BadCursor(cursor) from None
        if len(raw) != CURSOR.size:
            raise BadCursor(cursor)
        version, question, row = CURSOR.unpack(raw)
        if version != self._version or question != self._question(wanted) or row > len(self):
            raise BadCursor(cursor)
        return int(row)
