"""Template tags of the visual language: icons, seals, codes, language switch."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django import template
from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override

from core.http import is_api
from core.search import runs
from core.time import CHINA

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from assistive technology: words stand beside it."""
    sprite = static("img/icons.svg")
    return format_html(
        '<svg class="ts-i" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )


@register.simple_tag
def seal(name: str, size: str = "s64", label: str = "") -> SafeString:
    """A seal of marks.svg; with `label` it speaks, without it is decoration."""
    marks = static("img/marks.svg")
    role = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="ts-seal {}" viewBox="0 0 100 100" {}><use href="{}#{}"/></svg>',
        size, role, marks, name,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def in_language(context: template.Context, language: str) -> str:
    """The address of this very page in another language, query kept."""
    request: HttpRequest = context["request"]
    if is_api(request):
        return f"{request.path}?lang={language}"
    address, default = request.get_full_path(), settings.LANGUAGE_CODE
    if request.resolver_match is not None:
        return translate_url(address, language)
    bare = address.removeprefix(f"/{get_language()}") if get_language() != default else address
    return bare if language == default else f"/{language}{bare}"


@register.simple_tag
def beside(message: str) -> SafeString:
    """A heading in the other language, smaller, to stand beside it."""
    shown, code = ("zh-hans", "zh-Hans") if get_language() == "en" else ("en", "en")
    with override(shown):
        text = gettext(message)
    return format_html('<span class="ts-en" lang="{}">{}</span>', code, text)


@register.filter
def china_time(moment: object) -> str:
    """2026-11-20 10:44 in China Standard Time; a dash for nothing."""
    if not isinstance(moment, datetime):
        return "–"
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


@register.filter
def china_day(moment: datetime) -> str:
    """2026-11-20, the day in China Standard Time."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d")


@register.filter
def china_last_day(end: datetime) -> str:
    """The last day of a half-open term that ends at `end`."""
    return china_day(end - timedelta(microseconds=1))


@register.filter
def marked(text: object, query: object) -> SafeString:
    """The text with each run of the query's characters in `<mark>`, case and width apart."""
    words = sorted({word for word in runs(str(query)) if word}, key=len, reverse=True)
    if not words:
        return format_html("{}", str(text))
    found = re.split(f"({'|'.join(map(re.escape, words))})", str(text), flags=re.IGNORECASE)
    parts = [(part, "") if n % 2 == 0 else ("", part) for n, part in enumerate(found)]
    return format_html_join(
        "",
        "{}{}",
        ((plain, format_html("<mark>{}</mark>", hit) if hit else "") for plain, hit in parts),
    )


@register.filter
def figures(number: object) -> str:
    """1,143,157; a dash where the number is unknown, never 0."""
    return f"{number:,}" if isinstance(number, int) else "–"


@register.simple_tag
def siblings(sides: tuple[bool, ...], label: str) -> SafeString:
    """The hashes of an inclusion path as notches, one each: above the line when on the left.

    Drawn twice, wide for desktops and tall for phones; the stylesheet shows one.
    """
    count = max(len(sides), 1)
    wide, tall = [], []
    for position, left in enumerate(sides):
        x = round(7 + 88 * position / max(count - 1, 1), 1)
        low, high = (6, 22) if left else (22, 38)
        wide.append(f'<line class="sibs" x1="{x}" x2="{x}" y1="{low}" y2="{high}" '
                    'vector-effect="non-scaling-stroke"/>')  # fmt: skip
        y = round(3 + 70 * position / max(count - 1, 1), 1)
        near, far = (4, 14) if left else (14, 24)
        tall.append(f'<line class="sibs" x1="{near}" x2="{far}" y1="{y}" y2="{y}"/>')
    return format_html(
        '<svg class="wide" viewBox="0 0 100 44" preserveAspectRatio="none" role="img" '
        'aria-label="{0}">{1}</svg><svg class="tall" viewBox="0 0 28 76" role="img" '
        'aria-label="{0}">{2}</svg>',
        label,
        SafeString("".join(wide)),
        SafeString("".join(tall)),
    )


@register.simple_tag
def node(ok: bool) -> SafeString:
    """A link of the proof: a tick where it was checked, a warning where it does not hold."""
    mark = "M8 14.5 12.5 19 20.5 9.5" if ok else "M14 7v9M14 19v2.5"
    return format_html(
        '<span class="dot"><svg viewBox="0 0 28 28" aria-hidden="true">'
        '<path class="p" d="M2 2H26V26H2Z"/><path class="t" d="{}"/></svg></span>',
        mark,
    )


INPUT_CLASSES = {
    "checkbox": "form-check-input",
    "select": "form-select",
    "selectmultiple": "form-select",
}


@register.simple_tag
def styled(field: BoundField) -> SafeString:
    """A form field with the classes of the visual language; error and help are tied to it by id."""
    own = field.field.widget.attrs.get("class", "")
    classes = [INPUT_CLASSES.get(field.widget_type, "form-control"), *own.split()]
    described = []
    attrs = {}
    if field.help_text:
        described.append(f"{field.auto_id}_helptext")
    if field.errors:
        classes.append("is-invalid")
        attrs["aria-invalid"] = "true"
        described.append(f"{field.auto_id}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs={"class": " ".join(classes), **attrs})
