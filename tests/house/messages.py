"""`python -m tests.house.messages`: the catalogue says in Chinese everything the code says.

Works on a copy; the tree is not touched. Exit status 1 with one line for each finding.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from tests.house.source import LAYERS, ROOT

CATALOGUE = Path("config/locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")
CONTROLS = {"n": "\n", "t": "\t"}


def entries(text: str) -> dict[str, tuple[str, bool]]:
    """msgid -> (msgstr, fuzzy) of a catalogue without contexts, the header left out.

    Chinese has one form for every number: it stands for a message with a plural.
    """
    found = {}
    for parts, fuzzy in blocks(text):
        if parts.get("msgid"):
            said = parts.get("msgstr[0]") or parts.get("msgstr", "")
            found[parts["msgid"]] = (said, fuzzy)
    return found


def plurals(text: str) -> dict[str, str]:
    """msgid -> msgid_plural of the messages that have one."""
    return {
        parts["msgid"]: parts["msgid_plural"]
        for parts, _fuzzy in blocks(text)
        if "msgid_plural" in parts
    }


def blocks(text: str) -> Iterator[tuple[dict[str, str], bool]]:
    """The parts of each entry by their keyword, and whether it is fuzzy."""
    for block in text.split("\n\n"):
        parts: dict[str, str] = {}
        part = ""
        for line in block.splitlines():
            if line.startswith("msg"):
                part = line.partition(" ")[0]
                parts[part] = ""
            if part and not line.startswith("#"):
                parts[part] += "".join(map(unescaped, STRING.findall(line)))
        yield parts, ", fuzzy" in block


def unescaped(text: str) -> str:
    """A string of a catalogue as it is meant."""
    return ESCAPED.sub(lambda found: CONTROLS.get(found[1], found[1]), text)


def collected() -> str:
    """The catalogue as makemessages writes it now, from a copy of the code."""
    with tempfile.TemporaryDirectory(prefix="tallystick-messages-") as folder:
        copy = Path(folder)
        for layer in LAYERS:
            if (ROOT / layer).exists():
                ignored = shutil.ignore_patterns("__pycache__", "*.mo")
                shutil.copytree(ROOT / layer, copy / layer, ignore=ignored)
        shutil.copy(ROOT / "manage.py", copy)
        command = ["makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete"]
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=copy,
            env=os.environ | {"TALLYSTICK_VAR": str(copy / "var")},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return (copy / CATALOGUE).read_text(encoding="utf-8")


def compiled(text: str) -> dict[str, str]:
    """What msgfmt makes of a catalogue."""
    return translations(
        subprocess.run(
            ["msgfmt", "--check-format", "-o", "-", "-"],
            input=text.encode(),
            capture_output=True,
            check=True,
        ).stdout
    )


def translations(raw: bytes) -> dict[str, str]:
    """The messages of a compiled catalogue, the header left out."""
    catalogue = GNUTranslations(BytesIO(raw))._catalog  # type: ignore[attr-defined]
    return {msgid: text for msgid, text in catalogue.items() if msgid}


def findings() -> list[str]:
    """What is wrong with the committed catalogue, a line each; empty when nothing is."""
    text = (ROOT / CATALOGUE).read_text(encoding="utf-8")
    held, said, many = entries(text), entries(collected()), plurals(text)
    lines = [f"not collected: {m!r}" for m in said.keys() - held.keys()]
    lines += [f"said no longer: {m!r}" for m in held.keys() - said.keys()]
    for msgid, (translation, fuzzy) in held.items():
        if fuzzy or not translation:
            lines.append(f"{'fuzzy' if fuzzy else 'not translated'}: {msgid!r}")
        elif placeholders(many.get(msgid, msgid)) != placeholders(translation):
            lines.append(f"other placeholders: {msgid!r}")
    if translations((ROOT / CATALOGUE).with_suffix(".mo").read_bytes()) != compiled(text):
        lines.append("django.mo is not what django.po compiles to")
    return sorted(lines)


def placeholders(text: str) -> list[str]:
    """The values that a message takes, in order of their names."""
    return sorted(PLACEHOLDER.findall(text))


def main() -> int:
    """Print the findings. Exit status 1 when there are any."""
    lines = findings()
    if lines:
        advice = f"run `make messages`, translate what is missing in {CATALOGUE}"
        sys.stdout.write("\n".join([*lines, advice, ""]))
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
