"""The anchorer's account key: 32 bytes of secp256k1 as 64 hex digits in a file of mode 0600."""

from __future__ import annotations

import os
import re
from pathlib import Path

from coincurve import PrivateKey

HEX = re.compile(r"[0-9a-f]{64}")


class AnchorKeyError(ValueError):
    """The file is no anchor key, or open to others."""


def make_anchor_key(path: Path) -> bytes:
    """Write a new key; a file that is there is never overwritten. Raises FileExistsError."""
    key = PrivateKey().secret
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def load_anchor_key(path: Path) -> bytes:
    """The key in the file. Raises AnchorKeyError."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise AnchorKeyError(f"{path} is open to other users; run: chmod 600 {path}")
    text = path.read_text("ascii").strip()
    if not HEX.fullmatch(text):
        raise AnchorKeyError(f"{path} does not hold 64 hex digits")
    return bytes.fromhex(text)
