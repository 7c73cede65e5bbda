"""What binds an asset: recorded and lifted by the exchange on an authority's document."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import affiliated
from core.actors import Actor
from core.errors import Invalid
from core.events import record
from core.states import advance
from core.time import effective_time
from core.verdicts import require
from registry import rules
from registry.events import EncumbranceLifted, EncumbranceRecorded
from registry.grounds import ENCUMBRANCE_BASIS
from registry.models import Asset, Encumbrance
from registry.states import ENCUMBRANCE, EncumbranceKind
from tallystick.digests import is_hex_digest


def record_encumbrance(
    asset: Asset,
    *,
    kind: str,
    authority: str,
    document_sha256: str,
    by: Actor,
    now: datetime | None = None,
) -> Encumbrance:
    """Bind the asset on the strength of a document of `authority` and return the encumbrance.

    Raises NotFound, NotAllowed, Invalid. Records EncumbranceRecorded.
    """
    at = effective_time(now, by=by, parties=[asset.holder])
    with transaction.atomic():
        close = affiliated(by.user_id, asset.holder_id, at)
        require(rules.may_encumber(by, asset, affiliated=close))
        check_document(authority, document_sha256)
        if kind not in EncumbranceKind.values:
            raise Invalid(
                "encumbrance-kind",
                _("This is not one of the possible values."),
                basis=ENCUMBRANCE_BASIS,
                field="kind",
            )
        encumbrance = Encumbrance.objects.create(
            asset=asset, kind=kind, authority=authority, document_sha256=document_sha256, since=at
        )
        record(
            EncumbranceRecorded(
                asset=asset.id, kind=kind, authority=authority, document_sha256=document_sha256
            ),
            by=by,
            about=[encumbrance.id, asset.id],
            parties=[asset.holder],
            effective_at=at if now else None,
        )
    return encumbrance


def lift_encumbrance(
    encumbrance: Encumbrance,
    *,
    authority: str,
    document_sha256: str,
    by: Actor,
    now: datetime | None = None,
) -> Encumbrance:
    """End an encumbrance on the strength of a document of `authority`.

    Raises NotFound, NotAllowed, WrongState, Invalid. Records EncumbranceLifted.
    """
    asset = encumbrance.asset
    at = effective_time(now, by=by, parties=[asset.holder])
    with transaction.atomic():
        close = affiliated(by.user_id, asset.holder_id, at)
        require(rules.may_encumber(by, asset, affiliated=close))
        check_document(authority, document_sha256)
        advance(encumbrance, ENCUMBRANCE, "lift", lifted_at=at)
        record(
            EncumbranceLifted(asset=asset.id, authority=authority, document_sha256=document_sha256),
            by=by,
            about=[encumbrance.id, asset.id],
            parties=[asset.holder],
            effective_at=at if now else None,
        )
    return encumbrance


def check_document(authority: str, document_sha256: str) -> None:
    """Raises Invalid unless an authority is named and its document is by its digest."""
    if not 1 <= len(authority.strip()) <= 120:
        raise Invalid("authority", _("Name the authority."), field="authority")
    if not is_hex_digest(document_sha256):
        raise Invalid(
            "document",
            _("The document is named by 64 lower-case hex digits, its SHA-256."),
            field="document_sha256",
        )
