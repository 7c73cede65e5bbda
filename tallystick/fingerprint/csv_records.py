"""One strict dialect of CSV, read as bytes.

UTF-8; records end in LF or CRLF, the last one's end may be missing; cells are divided by
commas; a cell in double quotes may hold commas, line ends and doubled quotes; a quote anywhere
else, a bare CR outside quotes, NUL, or a record with another number of cells is an error.
Source: RFC 4180 section 2, with LF allowed for CRLF and UTF-8 for ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_RECORD = 4 * 2**20
BLOCK = 2**18

# Possessive, so that a hostile cell cannot make the match go back and try again.
_CELL = re.compile(rb'(?:"((?:[^"]++|"")*+)"|([^",\r\n]*+))(,|\r?\n|\Z)')


class TableError(ValueError):
    """The file is not a table of this dialect.

    `code`: `empty`, `encoding`, `nul`, `header`, `quote`, `carriage_return`, `ragged`,
    `record_size`. `line` counts the lines of the file from 1, as an editor does.
    """

    def __init__(self, code: str, message: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {message}")
        self.code = code
        self.message = message
        self.line = line

    def moved(self, lines: int) -> TableError:
        """The same error when the block begins `lines` lines into the file."""
        return TableError(self.code, self.message, self.line + lines)


class RecordCutter:
    """Cuts a stream of bytes into blocks of whole records."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, data: bytes, *, final: bool = False) -> Iterator[bytes]:
        """The blocks that are complete with these next bytes; with `final` all that remains.

        Raises TableError, counted from the line after the blocks before, where a record
        reaches 4 MiB.
        """
        data = self._rest + data
        start = 0
        while start < len(data):
            end = _block_end(data, start)
            if end == start:
                break
            yield data[start:end]
            start = end
        self._rest = b"" if final else data[start:]
        if final and start < len(data):
            yield data[start:]


def _block_end(data: bytes, start: int) -> int:
    """Where a block of whole records that begins at `start` ends; `start` to wait for more."""
    window = BLOCK
    while start + window <= len(data):
        end = _last_record_end(data, start, start + window)
        if end > start:
            return end
        if window == MAX_RECORD:
            message = "no record ends within 4 MiB; a quote left open?"
            raise TableError("record_size", message)
        window *= 2
    return start


def check_text(block: bytes) -> None:
    """Raise TableError unless the block is UTF-8 without NUL."""
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _error(block, error.start, "encoding", "not UTF-8") from None
    if b"\0" in block:
        raise _error(block, block.index(b"\0"), "nul", "NUL byte")


def records(block: bytes, columns: int) -> Iterator[list[bytes]]:
    """The records of a block of whole records: `columns` unquoted cells each, or TableError."""
    position = 0
    while position < len(block):
        cells, after = record_at(block, position, columns)
        if len(cells) != columns:
            found = f"more than {columns}" if len(cells) > columns else len(cells)
            raise _error(block, position, "ragged", f"{columns} cells expected, {found} found")
        yield cells
        position = after


def record_at(block: bytes, position: int, columns: int) -> tuple[list[bytes], int]:
    """The unquoted cells of the record that begins at `position`, and where the next begins.

    Of a record with more than `columns` cells no more than `columns` + 1 are told apart.
    Raises TableError.
    """
    end = block.find(b"\n", position)
    end = len(block) if end < 0 else end
    if block.find(b'"', position, end) >= 0:
        return _quoted_record(block, position, columns)
    line = block[position : end - 1 if block[end - 1 : end + 1] == b"\r\n" else end]
    if b"\r" in line:
        raise _error(block, position, "carriage_return", "bare carriage return")
    return line.split(b",", columns), end + 1


def _quoted_record(block: bytes, position: int, columns: int) -> tuple[list[bytes], int]:
    """`record_at` for a record with quotes in its first line."""
    cells: list[bytes] = []
    while len(cells) <= columns:
        match = _CELL.match(block, position)
        if match is None:
            raise _cell_error(block, position)
        quoted, plain, separator = match.groups()
        cells.append(plain if quoted is None else quoted.replace(b'""', b'"'))
        position = match.end()
        if separator != b",":
            break
    return cells, position


def _cell_error(block: bytes, position: int) -> TableError:
    plain = re.compile(rb'[^",\r\n]*').match(block, position)
    stop = plain.end() if plain else position
    if block[stop : stop + 1] == b"\r":
        return _error(block, stop, "carriage_return", "bare carriage return")
    return _error(block, position, "quote", "a quote stands where RFC 4180 allows none")


def _error(block: bytes, position: int, code: str, message: str) -> TableError:
    return TableError(code, message, block.count(b"\n", 0, position) + 1)


def _last_record_end(data: bytes, start: int, stop: int) -> int:
    """Where the last record that ends in data[start:stop] ends; `start` when none does.

    A line end is a record's end when the quotes before it are even in number. The search goes
    back over each byte once.
    """
    cut = data.rfind(b"\n", start, stop)
    if cut < 0:
        return start
    quotes = data.count(b'"', start, cut)
    while quotes % 2:
        opening = data.rfind(b'"', start, cut)
        earlier = data.rfind(b"\n", start, opening)
        if earlier < 0:
            return start
        quotes -= data.count(b'"', earlier, cut)
        cut = earlier
    return cut + 1
