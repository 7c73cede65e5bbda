"""The fingerprint manifest: what is registered of a data file, and nothing of its content.

`Manifest.public()` is the registered object; `digest()` is the SHA-256 of its canonical JSON.
`Manifest.from_public` believes nothing: every number that can be checked against another is.
Format: docs/reference/fingerprint.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tallystick import canonical, digests
from tallystick.fingerprint.chunks import CHUNK_SIZE, chunk_count
from tallystick.fingerprint.rows import EMPTY_ROW_DIGEST, MAX_ROWS

VERSION = 1
MAX_COLUMNS = 4096
MAX_NAME_LENGTH = 256


class ManifestError(ValueError):
    """A manifest that cannot be true.

    `field` is a dotted path, `code` one of `missing`, `unknown`, `type`, `value`, `mismatch`.
    """

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str

    def public(self) -> dict[str, Any]:
        """The column as it stands in the manifest."""
        return {"name": self.name}


@dataclass(frozen=True, slots=True)
class Table:
    """What is registered of a CSV table; `row_digest` is None above 2^28 rows."""

    columns: tuple[Column, ...]
    rows: int
    row_digest: str | None

    def schema_sha256(self) -> str:
        """SHA-256 of the canonical JSON of the column list."""
        return digests.sha256_hex(canonical.dumps([column.public() for column in self.columns]))

    def public(self) -> dict[str, Any]:
        """The table as it stands in the manifest."""
        return {
            "format": "csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "columns": [column.public() for column in self.columns],
            "schema_sha256": self.schema_sha256(),
            "rows": self.rows,
            "row_digest": self.row_digest,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """The fingerprint of one file; sizes in bytes, digests in lower-case hex.

    `table_refusal` says why a file named .csv was taken as binary; it stays with the holder.
    """

    size: int
    sha256: str
    sm3: str
    blake3: str
    chunk_root: str
    table: Table | None = None
    table_refusal: str | None = field(default=None, compare=False)

    @property
    def chunk_count(self) -> int:
        """Number of 64 KiB chunks, the last of which may be shorter; 0 for an empty file."""
        return chunk_count(self.size)

    def public(self) -> dict[str, Any]:
        """The object that is registered."""
        result: dict[str, Any] = {
            "v": VERSION,
            "size": self.size,
            "sha256": self.sha256,
            "sm3": self.sm3,
            "blake3": self.blake3,
            "chunks": {"size": CHUNK_SIZE, "count": self.chunk_count, "root": self.chunk_root},
        }
        if self.table is not None:
            result["table"] = self.table.public()
        return result

    def digest(self) -> str:
        """SHA-256 of the canonical JSON of `public()`, in hex."""
        return digests.sha256_hex(canonical.dumps(self.public()))

    @classmethod
    def from_public(cls, value: object) -> Manifest:
        """Read a registered object; raises ManifestError where shapes or numbers disagree."""
        fields = _object(
            value, "", {"v", "size", "sha256", "sm3", "blake3", "chunks"}, optional={"table"}
        )
        _constant(fields["v"], "v", VERSION)
        size = _count(fields["size"], "size")
        hexes = {name: _digest(fields[name], name) for name in ("sha256", "sm3", "blake3")}
        root = _chunk_root(fields["chunks"], size)
        if size == 0:
            _check_empty_file({**hexes, "chunks.root": root})
        table = _table(fields["table"], size) if "table" in fields else None
        return cls(size=size, chunk_root=root, table=table, **hexes)


def _chunk_root(value: object, size: int) -> str:
    chunks = _object(value, "chunks", {"size", "count", "root"})
    _constant(chunks["size"], "chunks.size", CHUNK_SIZE)
    count = _count(chunks["count"], "chunks.count")
    if count != chunk_count(size):
        raise ManifestError(
            "chunks.count", "mismatch", f"{size} bytes are {chunk_count(size)} chunks, not {count}"
        )
    return _digest(chunks["root"], "chunks.root")


def _check_empty_file(found: Mapping[str, str]) -> None:
    expected = {
        "sha256": digests.sha256_hex(b""),
        "sm3": digests.sm3_hex(b""),
        "blake3": digests.blake3_hex(b""),
        "chunks.root": digests.sha256_hex(b""),
    }
    for name, value in found.items():
        if value != expected[name]:
            raise ManifestError(name, "mismatch", "is not the digest of an empty file")


def _table(value: object, size: int) -> Table:
    names = {"format", "encoding", "delimiter", "columns", "schema_sha256", "rows", "row_digest"}
    fields = _object(value, "table", names)
    _constant(fields["format"], "table.format", "csv")
    _constant(fields["encoding"], "table.encoding", "utf-8")
    _constant(fields["delimiter"], "table.delimiter", ",")
    columns = _columns(fields["columns"])
    rows = _count(fields["rows"], "table.rows")
    row_digest = fields["row_digest"]
    if row_digest is not None:
        row_digest = _digest(row_digest, "table.row_digest")
    table = Table(columns, rows, row_digest)
    if _digest(fields["schema_sha256"], "table.schema_sha256") != table.schema_sha256():
        raise ManifestError("table.schema_sha256", "mismatch", "is not the digest of the columns")
    _check_rows(table, size)
    return table


def _check_rows(table: Table, size: int) -> None:
    if (table.row_digest is None) != (table.rows > MAX_ROWS):
        raise ManifestError(
            "table.row_digest", "mismatch", "stands for tables of up to 2^28 rows and no others"
        )
    if table.rows == 0 and table.row_digest != EMPTY_ROW_DIGEST:
        raise ManifestError("table.row_digest", "mismatch", "is not the digest of no rows")
    width = len(table.columns)
    header = sum(len(column.name.encode("utf-8")) for column in table.columns) + width - 1
    if header + table.rows * width > size:
        raise ManifestError(
            "table.rows", "mismatch", f"{table.rows} rows of {width} cells exceed {size} bytes"
        )


def _columns(value: object) -> tuple[Column, ...]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise ManifestError("table.columns", "type", "must be a list")
    names = []
    for index, item in enumerate(value[: MAX_COLUMNS + 1]):
        where = f"table.columns[{index}]"
        name = _object(item, where, {"name"})["name"]
        if not isinstance(name, str):
            raise ManifestError(f"{where}.name", "type", "must be a string")
        names.append(name)
    reason = header_refusal(names)
    if reason is not None:
        raise ManifestError("table.columns", "value", reason)
    return tuple(Column(name) for name in names)


def header_refusal(names: Sequence[str]) -> str | None:
    """Why these names cannot head a table, or None when they can."""
    if not 1 <= len(names) <= MAX_COLUMNS:
        return f"a table has 1 to {MAX_COLUMNS} columns"
    for number, name in enumerate(names, 1):
        if not 1 <= len(name) <= MAX_NAME_LENGTH:
            return f"the name of column {number} must have 1 to {MAX_NAME_LENGTH} characters"
        if "\0" in name or any("\ud800" <= character <= "\udfff" for character in name):
            return f"the name of column {number} is not text"
    if len(set(names)) != len(names):
        double = next(name for name in names if names.count(name) > 1)
        return f"two columns are named {double!r}"
    return None


def _object(
    value: object, where: str, required: set[str], optional: frozenset[str] | set[str] = frozenset()
) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ManifestError(where or "$", "type", "must be an object")
    prefix = f"{where}." if where else ""
    for name in sorted(required):
        if name not in value:
            raise ManifestError(prefix + name, "missing", "is missing")
    for name in value:
        if name not in required and name not in optional:
            raise ManifestError(f"{prefix}{str(name)[:64]!a}", "unknown", "is not a field")
    return cast("Mapping[str, object]", value)


def _constant(value: object, where: str, expected: int | str) -> None:
    if type(value) is not type(expected) or value != expected:
        raise ManifestError(where, "value", f"must be {expected!r}")


def _count(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ManifestError(where, "type", "must be an integer")
    if not 0 <= value <= canonical.MAX_INTEGER:
        raise ManifestError(where, "value", "must be 0 to 2^53-1")
    return value


def _digest(value: object, where: str) -> str:
    if not digests.is_hex_digest(value):
        raise ManifestError(where, "value", "must be 64 lower-case hex digits")
    return cast("str", value)
