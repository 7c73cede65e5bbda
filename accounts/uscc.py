"""统一社会信用代码: form and check digit, with a reason that says which character is wrong.

18 characters: registering authority, kind of body, region (6 digits), organisation code
(9 characters), check digit. Source: GB 32100-2015; the check digit by python-stdnum.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from core.errors import Invalid

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BASIS = "GB 32100-2015"
AUTHORITIES = "123456789ANY"
KINDS = "123456789"
DIGITS = "0123456789"


def checked(text: str) -> str:
    """The code in upper case without spaces or hyphens.

    Raises Invalid: `uscc-length`, `uscc-character` (with the position, from 1) or
    `uscc-check-digit` (with the digit that the other 17 characters demand).
    """
    code = text.strip().replace(" ", "").replace("-", "").upper()
    if len(code) != LENGTH:
        raise refusal(
            "uscc-length",
            _("A unified social credit code has 18 characters; this one has %(length)s.")
            % {"length": len(code)},
            length=len(code),
        )
    for position, character in enumerate(code, start=1):
        if character not in admitted_at(position):
            raise refusal(
                "uscc-character",
                _(
                    "Character %(position)s of the unified social credit code cannot be"
                    " “%(character)s”; possible are %(admitted)s."
                )
                % {
                    "position": position,
                    "character": character,
                    "admitted": admitted_at(position),
                },
                position=position,
            )
    expected = uscc.calc_check_digit(code[:-1])
    if code[-1] != expected:
        raise refusal(
            "uscc-check-digit",
            _(
                "Character 18 of the unified social credit code is “%(character)s”, but the"
                " check digit of the 17 before it is “%(expected)s”."
            )
            % {"character": code[-1], "expected": expected},
            position=LENGTH,
            expected=expected,
        )
    return code


def admitted_at(position: int) -> str:
    """The characters that may stand at a position, counted from 1."""
    if position == 1:
        return AUTHORITIES
    if position == 2:
        return KINDS
    return DIGITS if position <= 8 else ALPHABET


def refusal(code: str, message: Any, **data: Any) -> Invalid:
    """Invalid with the standard, the field and the remedy."""
    return Invalid(
        code,
        message,
        basis=BASIS,
        remedy=_("Compare it with the business licence; a mistyped character is the usual cause."),
        field="uscc",
        **data,
    )
