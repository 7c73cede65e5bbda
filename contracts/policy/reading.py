"""Strict reading of JSON objects: each refusal names the field and says why, zh and en.

Used for policies and for terms: a value that is frozen and signed must have one
reading only, so unknown, missing and doubled members are all refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

MAX_INTEGER = 2**53 - 1
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?Z")

PROBLEMS: dict[str, dict[str, str]] = {
    "missing": {"zh": "缺少该项", "en": "is missing"},
    "unknown": {"zh": "没有这一项", "en": "is not a known member"},
    "not-an-object": {"zh": "应为对象", "en": "must be an object"},
    "not-a-list": {"zh": "应为数组", "en": "must be a list"},
    "not-text": {"zh": "应为文本", "en": "must be text"},
    "not-an-integer": {"zh": "应为整数", "en": "must be an integer"},
    "bad-length": {
        "zh": "长度应在 {low} 到 {high} 之间",
        "en": "must have between {low} and {high} characters or members",
    },
    "bad-text": {
        "zh": "含有控制字符、首尾空白或非规范字符",
        "en": "has control characters, outer spaces or characters that are not in form NFC",
    },
    "bad-form": {"zh": "格式不符：{expected}", "en": "does not have the form {expected}"},
    "out-of-range": {
        "zh": "应在 {low} 到 {high} 之间",
        "en": "must lie between {low} and {high}",
    },
    "not-one-of": {"zh": "应为其中之一：{expected}", "en": "must be one of {expected}"},
    "bad-moment": {
        "zh": "应为 UTC 时刻，如 2026-01-31T16:00:00Z",
        "en": "must be a moment in UTC such as 2026-01-31T16:00:00Z",
    },
    "doubled": {"zh": "重复", "en": "is given twice"},
    "count-in-prohibition": {
        "zh": "次数只能约束许可",
        "en": "count may limit a permission only",
    },
    "out-of-order": {"zh": "应晚于 {after}", "en": "must come after {after}"},
    "exceeds": {"zh": "超过上限 {limit}", "en": "exceeds the limit of {limit}"},
    "same-party": {
        "zh": "供方与买方不能是同一主体",
        "en": "must not be the same organisation as the seller",
    },
    "seller-in-split": {
        "zh": "供方取余数，不列入分成",
        "en": "must not name the seller, who takes the remainder",
    },
}


class FieldError(ValueError):
    """One member of a JSON value is not acceptable.

    `field` is its path (`permission[0].action`), `code` a key of PROBLEMS.
    """

    def __init__(self, field: str, code: str, **data: object) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.data = data

    def text(self, language: str = "en") -> str:
        """The refusal as words, "zh" or "en"."""
        words = PROBLEMS[self.code][language].format(**self.data)
        gap = "：" if language == "zh" else " "
        return f"{self.field or '$'}{gap}{words}"


class Fields:
    """One JSON object on its way in. Members are taken one by one; `close` refuses the rest."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise FieldError(path, "not-an-object")
        self.members: Mapping[str, Any] = value
        self.path = path
        self.taken: set[str] = set()

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Whether the member is there."""
        return name in self.members

    def take(self, name: str) -> Any:
        """A member as it stands. Raises FieldError when it is missing."""
        self.taken.add(name)
        if name not in self.members:
            raise FieldError(self.at(name), "missing")
        return self.members[name]

    def text(self, name: str, *, high: int, low: int = 1, form: str = "") -> str:
        """A clean text of low..high characters that matches the regular expression `form`."""
        return text(self.take(name), self.at(name), low=low, high=high, form=form)

    def one_of(self, name: str, allowed: Collection[str]) -> str:
        """A text out of a closed list."""
        value = self.take(name)
        if not isinstance(value, str) or value not in allowed:
            raise FieldError(self.at(name), "not-one-of", expected=", ".join(allowed))
        return value

    def integer(self, name: str, *, low: int = 0, high: int = MAX_INTEGER) -> int:
        """An integer in low..high; true and false are none."""
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise FieldError(self.at(name), "not-an-integer")
        if not low <= value <= high:
            raise FieldError(self.at(name), "out-of-range", low=low, high=high)
        return value

    def moment(self, name: str) -> datetime:
        """A moment in UTC."""
        return moment(self.take(name), self.at(name))

    def object(self, name: str) -> Fields:
        """A member that is an object."""
        return Fields(self.take(name), self.at(name))

    def items(self, name: str, *, high: int, low: int = 0) -> list[tuple[Any, str]]:
        """The members of a list of low..high values, each with its path."""
        value = self.take(name)
        if not isinstance(value, list):
            raise FieldError(self.at(name), "not-a-list")
        if not low <= len(value) <= high:
            raise FieldError(self.at(name), "bad-length", low=low, high=high)
        return [(item, f"{self.at(name)}[{index}]") for index, item in enumerate(value)]

    def close(self) -> None:
        """Raises FieldError for the first member that nobody has taken."""
        for name in sorted(map(str, set(self.members) - self.taken)):
            raise FieldError(self.at(name), "unknown")


def text(value: object, path: str, *, high: int, low: int = 1, form: str = "") -> str:
    """A clean text. Raises FieldError for surrogates, control characters and outer spaces too."""
    if not isinstance(value, str):
        raise FieldError(path, "not-text")
    if not low <= len(value) <= high:
        raise FieldError(path, "bad-length", low=low, high=high)
    unclean = any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in value)
    if unclean or value != value.strip() or not unicodedata.is_normalized("NFC", value):
        raise FieldError(path, "bad-text")
    if form and not re.fullmatch(form, value, re.ASCII):
        raise FieldError(path, "bad-form", expected=form)
    return value


def moment(value: object, path: str) -> datetime:
    """A moment in UTC, to the second or to the microsecond. Raises FieldError."""
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise FieldError(path, "bad-moment")
    try:
        found = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        raise FieldError(path, "bad-moment") from None
    if not 2000 <= found.year < 2200:
        raise FieldError(path, "out-of-range", low=2000, high=2199)
    return found
