"""Recursive length prefix encoding. Source: Ethereum yellow paper, appendix B.

An item is bytes or a list of items. Decoding is strict: one item, nothing behind it, every
length in its shortest form, at most MAX_DEPTH lists within lists.
"""

MAX_DEPTH = 32

Item = bytes | list["Item"]


class RlpError(ValueError):
    """The bytes are not the one canonical encoding of an item."""


def encode(item: Item) -> bytes:
    """The encoding of bytes or of a list of items."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    body = b"".join(encode(element) for element in item)
    return _prefix(len(body), 0xC0) + body


def from_int(value: int) -> bytes:
    """A non-negative integer as the bytes RLP carries: big endian, no leading zero, 0 is empty."""
    if value < 0:
        raise RlpError("a negative integer has no encoding")
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def to_int(item: Item) -> int:
    """The integer that `item` carries. Raises RlpError on a list or a leading zero."""
    if not isinstance(item, bytes):
        raise RlpError("a list where an integer was expected")
    if item[:1] == b"\x00":
        raise RlpError("an integer with a leading zero")
    return int.from_bytes(item, "big")


def decode(data: bytes) -> Item:
    """The one item that `data` is. Raises RlpError."""
    item, end = _decode_at(data, 0, len(data), 0)
    if end != len(data):
        raise RlpError("bytes follow the item")
    return item


def decode_list(data: bytes, length: int | None = None) -> list[Item]:
    """`decode` for a list, of `length` items when given. Raises RlpError."""
    item = decode(data)
    if not isinstance(item, list):
        raise RlpError("bytes where a list was expected")
    if length is not None and len(item) != length:
        raise RlpError(f"a list of {len(item)} items where {length} were expected")
    return item


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    size = from_int(length)
    return bytes([offset + 55 + len(size)]) + size


def _decode_at(data: bytes, start: int, limit: int, depth: int) -> tuple[Item, int]:
    """The item that begins at `start` and the offset behind it, which is at most `limit`."""
    if start >= limit:
        raise RlpError("the data ends where an item was expected")
    head = data[start]
    if head < 0x80:
        return data[start : start + 1], start + 1
    base = 0x80 if head < 0xC0 else 0xC0
    body, end = _body_bounds(data, start, limit, head - base)
    if base == 0x80:
        if end - body == 1 and data[body] < 0x80:
            raise RlpError("a single byte below 0x80 with a prefix")
        return data[body:end], end
    if depth >= MAX_DEPTH:
        raise RlpError("lists are nested too deeply")
    items: list[Item] = []
    while body < end:
        item, body = _decode_at(data, body, end, depth + 1)
        items.append(item)
    return items, end


def _body_bounds(data: bytes, start: int, limit: int, marker: int) -> tuple[int, int]:
    """Where the body of a prefixed item begins and ends."""
    body, length = start + 1, marker
    if marker > 55:
        body = start + 1 + marker - 55
        size = data[start + 1 : body]
        if body > limit or size[:1] in (b"", b"\x00"):
            raise RlpError("a length that is cut off or has a leading zero")
        length = int.from_bytes(size, "big")
        if length < 56:
            raise RlpError("a short length in the long form")
    if body + length > limit:
        raise RlpError("an item that is longer than the data")
    return body, body + length
