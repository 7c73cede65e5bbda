"""Checks of what people type: names, regions, digests, public keys. Pure; each raises Invalid."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from tallystick import keys

HEX64 = re.compile(r"[0-9a-f]{64}")
HEX128 = re.compile(r"[0-9a-f]{128}")
REGION = re.compile(r"[1-9][0-9]{5}")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


def line(text: str, limit: int, field: str) -> str:
    """One line of 1 to `limit` characters, outer spaces removed."""
    clean = text.strip()
    if not clean or len(clean) > limit or UNPRINTABLE.search(clean):
        raise Invalid(
            "bad-text",
            _("This needs 1 to %(limit)s characters on one line.") % {"limit": limit},
            field=field,
        )
    return clean


def email(text: str) -> str:
    """An e-mail address in lower case."""
    clean = text.strip().lower()
    try:
        validate_email(clean)
    except ValidationError as error:
        raise Invalid("bad-email", _("This is not an e-mail address."), field="email") from error
    if len(clean) > 254:
        raise Invalid("bad-email", _("This e-mail address is too long."), field="email")
    return clean


def region(code: str) -> str:
    """A division code of six digits. Source: GB/T 2260."""
    return matched(REGION, code, "bad-region", _("A region code has six digits."), "region")


def sha256(digest: str, field: str) -> str:
    """A SHA-256 digest in lower-case hex."""
    message = _("A SHA-256 digest is 64 lower-case hex digits.")
    return matched(HEX64, digest, "bad-digest", message, field)


def signature(text: str) -> bytes:
    """The 64 bytes of an Ed25519 signature in lower-case hex."""
    message = _("A signature is 128 lower-case hex digits.")
    return bytes.fromhex(matched(HEX128, text, "bad-signature", message, "signature"))


def public_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key: hex, multibase or did:key, not of small order."""
    try:
        return keys.parse_public(text)
    except keys.StatementError as error:
        raise Invalid(
            "weak-public-key",
            _("Anybody could sign for this public key."),
            basis="RFC 8032 section 8",
            remedy=_("Make a new key with: tallystick keys new FILE"),
            field="public_key",
        ) from error
    except ValueError as error:
        raise Invalid(
            "bad-public-key", _("This is not an Ed25519 public key."), field="public_key"
        ) from error


def matched(pattern: re.Pattern[str], text: str, code: str, message: Any, field: str) -> str:
    """`text` when the whole of it matches."""
    if pattern.fullmatch(text) is None:
        raise Invalid(code, message, field=field)
    return text
