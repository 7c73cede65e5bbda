"""Template tags of reviewing and tracing."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.deeds import SHAPES
from core.time import CHINA
from marketplace.states import GateResult

register = template.Library()
LIT = {GateResult.PASSED: "g", GateResult.FAILED: "r", GateResult.WAITING: "y"}
COLOURS = {"overdue": "r", "near": "y", "fine": "g", "paused": "p"}


@register.filter
def short_time(moment: object) -> str:
    """11-20 10:44 in China Standard Time; a dash for nothing."""
    if not isinstance(moment, datetime):
        return "–"
    return moment.astimezone(CHINA).strftime("%m-%d %H:%M")


@register.filter
def short_id(ref: str) -> str:
    """REG 1kztqfn8: kind and end of an id, enough to tell two apart aloud."""
    return f"{ref[:3].upper()} {ref[-8:]}"


@register.simple_tag
def gate_lamp(result: str) -> SafeString:
    """A gate's result: shape and word."""
    shape = LIT[GateResult(result)]
    label = GateResult(result).label
    return light(shape, str(label))


@register.simple_tag
def count_lamp(colour: str, text: str) -> SafeString:
    """How many deadlines stand so: shape and words."""
    return light(COLOURS[colour], text)


def light(shape: str, words: str) -> SafeString:
    """A lamp of that shape with its words."""
    return format_html(
        '<span class="ts-lamp {}"><svg viewBox="0 0 14 14" aria-hidden="true">{}</svg>{}</span>',
        shape,
        SafeString(SHAPES[shape]),
        words,
    )


@register.filter
def percent(bps: int) -> str:
    """3 % or 2.5 % from basis points."""
    return f"{bps / 100:g} %"
