"""Third-party licences as NOTICE lists them: `python -m tests.house.licences > NOTICE`."""

from __future__ import annotations

import re
from importlib import metadata

from tests.house.source import ROOT

HEAD = """Tallystick 符契
Copyright 2026 the Tallystick authors
Licensed under the Apache License, Version 2.0 (see LICENSE).

Part of this distribution
-------------------------
Bootstrap 5.3.9, MIT, Copyright the Bootstrap Authors (static/vendor/bootstrap)
Bootstrap Icons 1.13.2, MIT, Copyright the Bootstrap Authors (static/img/icons.svg)
Outlines of Noto Serif CJK SC Bold, SIL OFL 1.1, Copyright Adobe (static/img/marks.svg)
Statistical division codes 2023, National Bureau of Statistics of China, through
  china-division 2.7.0, WTFPL (demo/data)

Installed beside it (requirements.txt)
--------------------------------------
"""
SHORT = {
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.1+",
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def pinned() -> list[tuple[str, str]]:
    """(name, version) of every pin in requirements.txt."""
    return PINNED.findall((ROOT / "requirements.txt").read_text())


def licence(name: str) -> str:
    """The licence that a package's own metadata names, in its short form."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    classified = [
        c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if c.startswith("License")
    ]
    named = [c for c in classified if c != "OSI Approved"]
    if named:
        return ", ".join(SHORT.get(c, c) for c in named)
    text = (about.get("License") or "").strip().splitlines()
    return text[0][:60] if text else "see package"


def notice() -> str:
    """The whole NOTICE file."""
    return HEAD + "".join(f"{name} {version}: {licence(name)}\n" for name, version in pinned())


if __name__ == "__main__":
    print(notice(), end="")  # noqa: T201 - the file is the output
