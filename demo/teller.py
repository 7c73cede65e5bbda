"""How the story is told: numbered steps with ids, and checks that must hold."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class StoryBroken(Exception):
    """A step did not end as it must; the demonstration fails."""


class Teller:
    """Prints what happens. `verified` counts the checks that were made and held."""

    def __init__(self) -> None:
        self.verified = 0
        self.began = time.monotonic()

    def act(self, number: int, title: str) -> None:
        """Begin an act."""
        print(f"\n{number}. {title}", flush=True)

    def say(self, what: str, **facts: Any) -> None:
        """One step, with the ids it left."""
        tail = "  ".join(f"{name}={value}" for name, value in facts.items())
        print(f"   {what}" + (f"  [{tail}]" if tail else ""), flush=True)

    def check(self, what: str, holds: bool, detail: Any = "") -> None:
        """A check that was made just now. Raises StoryBroken when it does not hold."""
        if not holds:
            raise StoryBroken(f"{what}: {detail}")
        self.verified += 1
        print(f"   ✓ {what}" + (f"  {detail}" if detail else ""), flush=True)

    def refused(self, what: str, code: str, expected: str, detail: Any = "") -> None:
        """A refusal that must come, with its own reason."""
        self.check(f"{what} is refused: {code}", code == expected, detail or f"expected {expected}")


def tallystick(*arguments: object, expect: int = 0) -> dict[str, Any]:
    """Run the command line of strangers with --json in a process of its own; its answer.

    Raises StoryBroken when the exit status is not `expect`.
    """
    command = [sys.executable, "-m", "tallystick", *map(str, arguments), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != expect:
        raise StoryBroken(f"{' '.join(command[2:])} ended with {done.returncode}: {done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
