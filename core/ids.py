"""Identities: a three-letter prefix and a UUIDv7 in lower-case Crockford base 32.

`ast_01jd4q…` says what it names, sorts by time of making, and is never reused.
Source: RFC 9562 section 5.7 (UUIDv7).
"""

from __future__ import annotations

import os
import time
from typing import Any

from django.db import models

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 30


def uuid7_int() -> int:
    """A UUIDv7 as a 128-bit integer: Unix milliseconds, 12 bits of their fraction, 62 random bits.

    The fraction keeps what one process makes within a millisecond in the order of making.
    Source: RFC 9562 section 6.2, method 3.
    """
    stamp, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    noise = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return stamp << 80 | 7 << 76 | fraction << 64 | 2 << 62 | noise


def new_id(prefix: str) -> str:
    """`<prefix>_` and 26 characters."""
    number = uuid7_int()
    return f"{prefix}_" + "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


class PrefixedIdField(models.CharField):  # type: ignore[type-arg]  # not subscriptable at runtime
    """Primary key that makes its own value: `id = PrefixedIdField(prefix="ast")`."""

    def __init__(self, *, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs |= {"max_length": LENGTH, "primary_key": True, "editable": False}
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "primary_key", "editable"):
            kwargs.pop(fixed, None)
        return name, path, list(args), kwargs | {"prefix": self.prefix}

    def has_default(self) -> bool:
        return True

    def get_default(self) -> str:
        return new_id(self.prefix)
