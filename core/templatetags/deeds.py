"""Template tags of work: forms, lamps, notches, money, the seam between two halves."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from core import pages

register = template.Library()
TONES = {"primary": "btn-primary", "plain": "btn-outline-secondary", "danger": "btn-outline-danger"}
SHAPES = {
    "g": "<circle cx='7' cy='7' r='6'/>",
    "y": "<path d='M7 1 13.6 12.6H.4Z'/>",
    "r": "<path d='M1 1H13V13H1Z'/>",
    "p": "<path d='M2 2h4v10H2zM8 2h4v10H8z'/>",
}
NOTCH_WIDTH = 12


@register.inclusion_tag("core/deed.html", takes_context=True)
def deed(
    context: template.Context,
    verb: str,
    label: str,
    tone: str = "primary",
    *,
    disabled: str = "",
    draft: str = "",
) -> dict[str, Any]:
    """The page's form of this verb, with its button.

    `tone` is primary, plain or danger; `disabled` says what is missing, and then the button
    cannot be pressed; `draft` names the place on the device where what is typed is kept.
    """
    return {
        "form": context["deeds"][verb],
        "verb": verb,
        "label": label,
        "tone": TONES[tone],
        "disabled": disabled,
        "draft": draft,
        "intent": pages.new_intent(),
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag
def intent() -> str:
    """A fresh intent for a form that a template writes out itself."""
    return pages.new_intent()


@register.simple_tag
def lamp(left: int | None, total: int | None = None, paused: bool = False) -> SafeString:
    """A deadline in working days: circle, triangle once seven tenths are used, square when over.

    `left` is negative when overdue, None without a deadline; `paused` shows the double bar.
    """
    if paused:
        shape, words = "p", gettext("Paused")
    elif left is None:
        return format_html('<span class="ts-mute">{}</span>', gettext("no deadline"))
    elif left < 0:
        words = ngettext("%(n)d working day over", "%(n)d working days over", -left)
        shape, words = "r", words % {"n": -left}
    else:
        words = ngettext("%(n)d working day left", "%(n)d working days left", left) % {"n": left}
        shape = "y" if left <= 1 or (total and left * 10 <= total * 3) else "g"
    return format_html(
        '<span class="ts-lamp {}"><svg viewBox="0 0 14 14" aria-hidden="true">{}</svg>{}</span>',
        shape,
        SafeString(SHAPES[shape]),
        words,
    )


@register.simple_tag
def notch(used: int, held: int, total: int, label: str) -> SafeString:
    """A quota as a notched stick of 50 notches: used, held on the way, left. Numbers stand beside.

    `label` is what a screen reader says.
    """
    count = 50
    parts = max(total, 1)
    cut = min(count, -(-used * count // parts))
    flight = min(count - cut, -(-held * count // parts))
    left = max(total - used - held, 0)
    if left and cut + flight == count:
        cut, flight = (cut - 1, flight) if cut else (cut, flight - 1)
    spans = (("u", 0, cut), ("f", cut, cut + flight), ("l", cut + flight, count))
    paths = format_html_join("", '<path class="{}" d="{}"/>', notched(spans))
    return format_html(
        '<svg class="ts-notch" viewBox="0 0 600 26" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>',
        label,
        paths,
    )


def notched(spans: tuple[tuple[str, int, int], ...]) -> list[tuple[str, str]]:
    """(class, path) of each span that is not empty; what is left has no notch cut into it."""
    found = []
    for name, first, last in spans:
        if last == first:
            continue
        path = [f"M{first * NOTCH_WIDTH} 24V4"]
        for i in range(first, last):
            x = i * NOTCH_WIDTH
            step = f"H{x + 3.2}L{x + 6} 15L{x + 8.8} 4H{x + 12}"
            path.append(step if name != "l" else f"H{x + 12}")
        found.append((name, "".join(path) + "V24Z"))
    return found


@register.simple_tag
def seam(closed: bool) -> SafeString:
    """The seam between two halves, upright for desktops and level for phones.

    It closes when both sides have done their part; until then the gap stays open.
    """
    gap = 0 if closed else 3
    near, far = (11 - gap, 21 - gap), (17 + gap, 27 + gap)
    upright = [(steps(*near, 30, 70), "L0 100Z"), (steps(*far, 27, 73), "L36 100Z")]
    near, far = (10 - gap, 17 - gap), (15 + gap, 22 + gap)
    level = [(steps(*near, 34, 66), "100 0"), (steps(*far, 34, 66), "100 30")]
    halves = [
        edged("M0 0" if x == 0 else "M36 0", [f"{a} {b}" for a, b in line], end)
        for x, (line, end) in enumerate(upright)
    ]
    across = [
        edged("M0 0" if y == 0 else "M0 30", [f"{b} {a}" for a, b in line], f"L{end}Z")
        for y, (line, end) in enumerate(level)
    ]
    return SafeString(
        '<svg class="ts-join v" viewBox="0 0 36 100" preserveAspectRatio="none" '
        f'aria-hidden="true">{"".join(halves)}</svg><svg class="ts-join h" viewBox="0 0 100 30" '
        f'preserveAspectRatio="none" aria-hidden="true">{"".join(across)}</svg>'
    )


def steps(shallow: int, deep: int, first: int, second: int) -> list[tuple[int, int]]:
    """A toothed edge of length 100: shallow, deep between `first` and `second`, shallow again."""
    return [(shallow, 0), (shallow, first), (deep, first), (deep, second), (shallow, second),
            (shallow, 100)]  # fmt: skip


def edged(start: str, points: list[str], end: str) -> str:
    """One half: its filled body and its cut edge."""
    line = "".join(f"L{point}" for point in points)
    return f'<path class="fill" d="{start}{line}{end}"/><path class="edge" d="{start}{line}"/>'


@register.filter
def yuan(fen: object) -> str:
    """¥1,200.00 from integer fen; a dash where the amount is unknown, never 0."""
    if not isinstance(fen, int) or isinstance(fen, bool):
        return "–"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
