"""Reading requests: the address, the query, the purpose and the range. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from delivery.gateway.refusals import Refused
from delivery.gateway.tables import DEFAULT_LIMIT, MAX_LIMIT

MAX_QUERY = 8192
MAX_PURPOSE = 256
SINGLE_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
FARTHEST = 10**18
"""Beyond any file: a number of more digits is read as this."""
ADDRESS = re.compile(r"/d/([0-9a-z_]{1,40})/(rows|file)")
METHODS = {"rows": ("GET",), "file": ("GET", "HEAD")}
Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A question for rows: equality filters by column, a cursor ("" for none), a limit."""

    filters: Mapping[str, str]
    cursor: str
    limit: int


def address(environ: Environ) -> tuple[str, str]:
    """Contract and kind ("rows" or "file"). Raises Refused."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if "\0" in path or "\0" in query or "%00" in query:
        raise Refused("nul-byte")
    if len(query) > MAX_QUERY:
        raise Refused("query-too-long", {"most": MAX_QUERY})
    contract, kind = parsed(path)
    if environ["REQUEST_METHOD"] not in METHODS[kind]:
        allowed = ", ".join(METHODS[kind])
        raise Refused("method-not-allowed", {"allowed": allowed}, [("Allow", allowed)])
    return contract, kind


@lru_cache(maxsize=1024)
def parsed(path: str) -> tuple[str, str]:
    """Contract and kind in a path. Raises Refused."""
    found = ADDRESS.fullmatch(path)
    if found is None:
        raise Refused("no-such-address")
    return found[1], found[2]


@lru_cache(maxsize=1024)
def question(query: str, columns: tuple[str, ...]) -> Question:
    """The question in a query string. Raises Refused; nothing is guessed or left out."""
    filters: dict[str, str] = {}
    cursor, limit = "", DEFAULT_LIMIT
    seen: set[str] = set()
    for pair in filter(None, query.split("&")):
        raw_name, _equals, raw_value = pair.partition("=")
        name, value = plain(raw_name), plain(raw_value)
        if name in seen:
            raise Refused("filter-doubled", {"name": name})
        seen.add(name)
        if name == "cursor":
            cursor = value
        elif name == "limit":
            limit = page_size(value)
        elif name in columns:
            filters[name] = value
        else:
            raise Refused("filter-unknown", {"name": name, "columns": list(columns)})
    return Question(filters, cursor, limit)


def plain(text: str) -> str:
    """One name or value of a query. Raises Refused where it is not UTF-8."""
    try:
        if "%" not in text and "+" not in text and text.isascii():
            return text
        # WSGI hands over raw bytes as Latin-1 characters (PEP 3333).
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise Refused("not-utf8") from None


def page_size(value: str) -> int:
    """The limit. Raises Refused."""
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise Refused("limit-invalid", {"most": MAX_LIMIT})
    if not 1 <= int(value) <= MAX_LIMIT:
        raise Refused("limit-invalid", {"most": MAX_LIMIT})
    return int(value)


@lru_cache(maxsize=1024)
def purpose(header: str) -> str | None:
    """The stated purpose, None for none. Raises Refused."""
    if not header:
        return None
    try:
        stated = unquote_to_bytes(header.encode("latin-1")).decode("utf-8").strip()
    except UnicodeError:
        raise Refused("purpose-malformed") from None
    if len(stated) > MAX_PURPOSE or not stated.isprintable():
        raise Refused("purpose-malformed")
    return stated or None


def byte_range(environ: Environ, size: int, etag: str) -> tuple[int, int] | None:
    """The half-open range that is asked for, None for the whole file. Raises Refused.

    A Range that is malformed, in another unit, or guarded by another If-Range is left
    aside, as RFC 9110 sections 13.1.5 and 14.2 ask.
    """
    header, guard = environ.get("HTTP_RANGE", ""), environ.get("HTTP_IF_RANGE", "")
    if not header.startswith("bytes=") or (guard and guard != etag):
        return None
    if "," in header:
        raise Refused("range-multiple", {"size": size}, [("Content-Range", f"bytes */{size}")])
    found = SINGLE_RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if found[1]:
        start, last = place(found[1]), place(found[2]) if found[2] else FARTHEST
        if last < start:
            return None
        stop = min(last, size - 1) + 1
    else:
        start, stop = max(size - place(found[2]), 0), size
    if start >= stop or start >= size:
        headers = [("Content-Range", f"bytes */{size}")]
        raise Refused("range-unsatisfiable", {"size": size}, headers)
    return start, stop


def place(digits: str) -> int:
    """A number in a range, however many digits it has."""
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) <= 18 else FARTHEST
