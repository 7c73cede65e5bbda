"""Two versions of a thing side by side, word by word; pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A run of letters and digits is one word, every other character stands alone, as Chinese reads.
WORDS = re.compile(r"[A-Za-z0-9_.]+|.", re.DOTALL)
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `changed` where the other version has something else."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One field in both versions."""

    field: Any
    old: tuple[Part, ...]
    new: tuple[Part, ...]
    code: bool = False

    @property
    def changed(self) -> bool:
        """Whether the versions differ in this field."""
        return any(part.changed for part in (*self.old, *self.new))


def compared(
    old: Mapping[Any, str], new: Mapping[Any, str], codes: frozenset[Any] = frozenset()
) -> list[Row]:
    """A row for each field of either, in the order of the new version. `codes` are digests and
    names that are set in a fixed width; what one version lacks is empty there."""
    fields = [*new, *(name for name in old if name not in new)]
    return [row(name, old.get(name, ""), new.get(name, ""), name in codes) for name in fields]


def row(field: Any, before: str, after: str, code: bool) -> Row:
    """One field, its texts cut where they differ."""
    a, b = WORDS.findall(before[:LONGEST]), WORDS.findall(after[:LONGEST])
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    old: list[Part] = []
    new: list[Part] = []
    for verb, i, j, k, m in matcher.get_opcodes():
        changed = verb != "equal"
        if i < j:
            old.append(Part("".join(a[i:j]), changed))
        if k < m:
            new.append(Part("".join(b[k:m]), changed))
    return Row(field, tuple(old), tuple(new), code)
