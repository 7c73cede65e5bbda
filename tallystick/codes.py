"""Registration codes of the exchange (procedure C) and their check digits.

A C code is 22 characters: `TS`, region (6 digits, GB/T 2260), year and month (6 digits),
serial (6 digits), two check digits by ISO 7064 MOD 97-10, in which letters count as two
digits (A = 10 ... Z = 35), as in IBAN and LEI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "TS"
MAX_SERIAL = 999_999
_ALPHANUMERIC = re.compile(r"[0-9A-Z]+")
_FORM = re.compile(r"TS([0-9]{6})([0-9]{6})([0-9]{6})([0-9]{2})")


class CodeError(ValueError):
    """Not a code of this kind; `code` is `form`, `region`, `month`, `serial` or `check`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class RegistrationCode:
    """The parts of a C code; `str()` gives the code back."""

    region: str
    yyyymm: str
    serial: int
    check: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.region}{self.yyyymm}{self.serial:06d}{self.check}"


def mod97_check_digits(text: str) -> str:
    """Return the two ISO 7064 MOD 97-10 check digits of `text` (digits and A-Z).

    Raises CodeError("form") for an empty text or another character.
    """
    return f"{98 - _mod97(text + '00'):02d}"


def mod97_is_valid(text: str) -> bool:
    """True when `text` ends in its own ISO 7064 MOD 97-10 check digits (02 to 98)."""
    if len(text) < 3 or _ALPHANUMERIC.fullmatch(text) is None:
        return False
    return mod97_check_digits(text[:-2]) == text[-2:]


def compose(region: str, yyyymm: str, serial: int) -> str:
    """Return the C code for the `serial`-th registration of a region in a month.

    `region` is six digits, `yyyymm` a calendar month, `serial` 1 to 999,999. Raises CodeError.
    """
    if not isinstance(serial, int) or not 1 <= serial <= MAX_SERIAL:
        raise CodeError("serial", f"serial must be 1 to {MAX_SERIAL}")
    body = f"{PREFIX}{region}{yyyymm}{serial:06d}"
    return str(parse(body + mod97_check_digits(body)))


def parse(code: str) -> RegistrationCode:
    """Take a C code apart; raises CodeError naming the first part that is wrong."""
    match = _FORM.fullmatch(code)
    if match is None:
        raise CodeError("form", "a code is TS followed by 20 digits")
    region, yyyymm, serial, check = match.groups()
    if region[0] == "0":
        raise CodeError("region", "a region code does not begin with 0")
    if yyyymm < "200001" or not "01" <= yyyymm[4:] <= "12":
        raise CodeError("month", f"{yyyymm} is not a calendar month")
    if serial == "000000":
        raise CodeError("serial", "serials begin at 1")
    if mod97_check_digits(code[:-2]) != check:
        raise CodeError("check", "the check digits do not match: the code is mistyped")
    return RegistrationCode(region, yyyymm, int(serial), check)


def is_valid(code: str) -> bool:
    """True when `parse` accepts the code."""
    try:
        parse(code)
    except CodeError:
        return False
    return True


def _mod97(text: str) -> int:
    if _ALPHANUMERIC.fullmatch(text) is None:
        raise CodeError("form", "check digits are defined for 0-9 and A-Z only")
    return int("".join(str(int(character, 36)) for character in text)) % 97
