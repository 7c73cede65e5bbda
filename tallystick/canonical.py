"""Canonical JSON: one byte string per value, so that a digest of it means one thing.

The subset of RFC 8785 (JCS) that the exchange allows itself: object keys are ASCII, numbers
are integers within +-(2^53-1), strings hold no lone surrogates. Inside this subset RFC 8785
is what `json.dumps` writes with sorted keys and tight separators. Larger integers travel as
strings.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64
# The closing quote is optional: a string left open must not be searched again from its inside.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_MAX_INTEGER_DIGITS = 17  # sign and 16 digits: anything longer is out of range unread


class CanonicalError(ValueError):
    """The value has no canonical form.

    `path` points at the culprit (`$.table.rows`), `reason` says what is wrong with it.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def dumps(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of `value`.

    Takes None, bool, int, str, list, tuple and dict. Raises CanonicalError for anything that
    RFC 8785 writes differently or cannot write. Source: RFC 8785 sections 3.2.2 and 3.2.3.
    """
    _check(value, "$", 0)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def loads_strict(data: bytes) -> Any:
    """Parse JSON bytes into a value that `dumps` accepts; the bytes need not be canonical.

    Refuses what parsers disagree about: doubled keys, floats, NaN, integers beyond 2^53-1,
    lone surrogates, byte order marks, deep nesting. Raises CanonicalError.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CanonicalError("$", f"not UTF-8 at byte {error.start}") from None
    check_nesting(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object_without_doubles,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_bounded_integer,
        )
    except json.JSONDecodeError as error:
        raise CanonicalError("$", f"not JSON at character {error.pos}: {error.msg}") from None
    _check(value, "$", 0)
    return value


def check_nesting(text: str) -> None:
    """Raise CanonicalError for JSON text nested deeper than 64 levels, without parsing it.

    Where a library has raised Python's recursion limit (py_ecc does), the parser would overrun
    the stack and end the process.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        part = match[0]
        if part in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise CanonicalError("$", f"nested deeper than {MAX_DEPTH} levels")
        elif part in "]}":
            depth -= 1


def _check(value: object, path: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_string(value, path)
    elif isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise CanonicalError(path, "integer beyond 2^53-1; write it as a string")
    elif isinstance(value, (dict, list, tuple)):
        if depth == MAX_DEPTH:
            raise CanonicalError(path, f"nested deeper than {MAX_DEPTH} levels")
        _check_members(value, path, depth + 1)
    else:
        raise CanonicalError(path, f"{type(value).__name__} has no canonical form")


def _check_members(
    value: dict[Any, Any] | list[Any] | tuple[Any, ...], path: str, depth: int
) -> None:
    if not isinstance(value, dict):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]", depth)
        return
    for key, item in value.items():
        if not isinstance(key, str) or not key.isascii():
            raise CanonicalError(path, f"key {key!a} is not an ASCII string")
        _check(item, f"{path}.{key}", depth)


def _check_string(value: str, path: str) -> None:
    if value.isascii():
        return
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise CanonicalError(path, "lone surrogate") from None


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise CanonicalError("$", f"key {key!a} stands twice in one object")
            seen.add(key)
    return result


def _refuse_number(literal: str) -> NoReturn:
    raise CanonicalError("$", f"{literal[:40]} is not an integer")


def _bounded_integer(literal: str) -> int:
    if len(literal) > _MAX_INTEGER_DIGITS:
        raise CanonicalError("$", "integer beyond 2^53-1; write it as a string")
    return int(literal)
