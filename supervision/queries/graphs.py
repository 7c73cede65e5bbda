"""The relations of a trail as a drawing, from the asset to its contracts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from supervision.queries.trails import TrailLine, kind

COLUMNS = (("org",), ("ast",), ("reg", "crt", "prd"), ("ord",), ("ctr",), ("grt", "stm", "stl"))
WORDS = {
    "org": _("organisation"),
    "ast": _("asset"),
    "reg": _("registration case"),
    "crt": _("certificate"),
    "prd": _("product"),
    "ord": _("order"),
    "ctr": _("contract"),
    "grt": _("grant"),
    "stm": _("statement"),
    "stl": _("settlement"),
}
EDGES = {
    ("org", "ast"), ("ast", "reg"), ("ast", "crt"), ("ast", "prd"), ("prd", "ord"),
    ("ord", "ctr"), ("ctr", "grt"), ("ctr", "stm"), ("ctr", "stl"),
}  # fmt: skip
ALARMING = ("Suspended", "Refused", "Terminated", "Cancelled", "Delisted", "Declined")
MOST, WIDTH, HEIGHT, STEP_X, STEP_Y, MARGIN = 6, 148, 46, 184, 64, 12


@dataclass(frozen=True, slots=True)
class Node:
    """One thing, where it stands in the drawing; `tone` is me, al or ""."""

    ref: str
    title: Any
    text: str
    x: int
    y: int
    tone: str
    seal: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, the paths between them, and the size; `left_out` things are not drawn."""

    nodes: tuple[Node, ...]
    edges: tuple[str, ...]
    width: int
    height: int
    left_out: int


def names_in(lines: Iterable[TrailLine]) -> dict[str, str]:
    """What things are called where an event of the trail says it."""
    found: dict[str, str] = {}
    for line in lines:
        told, name = line.values, line.type.partition(".")[2]
        if name in {"AdmissionApplied", "ExchangeFounded", "ProductOpened"}:
            found[line.subject] = str(told.get("name", ""))
        elif name == "CertificateIssued":
            found[line.subject] = str(told.get("code", ""))
        elif name == "CasePublicised":
            for ref in told.get("about", ()):
                if kind(ref) == "ast":
                    found[ref] = str(told.get("name", ""))
    return found


def graph_of(ref: str, lines: Iterable[TrailLine]) -> Graph:
    """The drawing of a trail: things in columns, joined where an event concerns both."""
    told = list(lines)
    seen: dict[str, str] = {}
    for line in told:
        for one in line.values.get("about", ()):
            seen.setdefault(one, "")
            if one == line.subject:
                seen[one] = line.type
    places, left_out = placed(ref, list(seen))
    names = names_in(told)
    nodes = tuple(
        Node(
            ref=one,
            title=names.get(one) or WORDS[kind(one)],
            text=f"{WORDS[kind(one)]} {one[-6:]}",
            x=x,
            y=y,
            tone="me" if one == ref else "al" if seen[one].endswith(ALARMING) else "",
            seal=kind(one) == "crt",
        )
        for one, (x, y) in places.items()
    )
    width = max((node.x for node in nodes), default=0) + WIDTH + MARGIN
    height = max((node.y for node in nodes), default=0) + HEIGHT + MARGIN
    return Graph(nodes, edges_of(told, places), width, height, left_out)


def placed(ref: str, refs: list[str]) -> tuple[dict[str, tuple[int, int]], int]:
    """Where each thing stands, at most six in a column, the asked one always; how many do not."""
    columns = [[one for one in refs if kind(one) in kinds] for kinds in COLUMNS]
    columns = [column for column in columns if column]
    left_out = 0
    places: dict[str, tuple[int, int]] = {}
    tallest = max((min(len(column), MOST) for column in columns), default=0)
    for number, column in enumerate(columns):
        shown = column[:MOST]
        if ref in column and ref not in shown:
            shown[-1] = ref
        left_out += len(column) - len(shown)
        top = MARGIN + (tallest - len(shown)) * STEP_Y // 2
        for row, one in enumerate(shown):
            places[one] = (MARGIN + number * STEP_X, top + row * STEP_Y)
    return places, left_out


def edges_of(lines: list[TrailLine], places: dict[str, tuple[int, int]]) -> tuple[str, ...]:
    """The paths between things that share an event and belong together."""
    found: dict[tuple[str, str], None] = {}
    for line in lines:
        about = [one for one in line.values.get("about", ()) if one in places]
        for one in about:
            for other in about:
                if (kind(one), kind(other)) in EDGES:
                    found[one, other] = None
    return tuple(path(places[one], places[other]) for one, other in found)


def path(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A line from the right of one thing to the left of another."""
    (x, y), (u, v) = start, end
    a, b, right = y + HEIGHT // 2, v + HEIGHT // 2, x + WIDTH
    return f"M{right} {a}C{right + 22} {a} {u - 22} {b} {u} {b}"
