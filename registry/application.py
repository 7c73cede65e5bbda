"""What an applicant states, checked before a row is written.

The manifest is believed in nothing: `tallystick.fingerprint` compares its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.events import plain
from core.time import CHINA
from registry.grounds import GROUNDS
from registry.models import RegistrationCase
from registry.states import Form, Right, SourceKind, UpdateFrequency
from tallystick import canonical
from tallystick.digests import is_hex_digest, sha256_hex
from tallystick.fingerprint.manifest import Manifest, ManifestError

INDUSTRY = re.compile(r"[A-T]\d{2}")
LENGTHS = {"name": 40, "overview": 400, "spatial": 80, "restrictions": 200}
CHOICES = {"source_kind": SourceKind, "update_frequency": UpdateFrequency, "form": Form}
LATEST = date(2200, 1, 1)
FIELDS_BASIS = "国数综政策〔2026〕35号 附件1"
DESCRIPTION = (
    "name",
    "overview",
    "industry",
    "source_kind",
    "spatial",
    "temporal_from",
    "temporal_to",
    "update_frequency",
    "form",
    "restrictions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application of kind "first".

    `industry` is division and class of GB/T 4754 ("I65"), `restrictions` is "无" where
    there are none, `evidence_sha256` the digest of the document that shows lawful origin,
    `term_until` the last day of rights that an agreement limits (None: not limited),
    `manifest` the public part of the fingerprint.
    """

    name: str
    overview: str
    industry: str
    source_kind: str
    spatial: str
    temporal_from: date
    temporal_to: date
    update_frequency: str
    form: str
    restrictions: str
    rights: tuple[str, ...]
    evidence_sha256: str
    term_until: date | None
    manifest: Mapping[str, Any]

    def description(self) -> dict[str, Any]:
        """The values of the asset's own fields."""
        return {name: getattr(self, name) for name in DESCRIPTION}

    def description_sha256(self) -> str:
        """SHA-256 of the canonical JSON of everything stated beside the manifest."""
        stated = {name: plain(value) for name, value in asdict(self).items() if name != "manifest"}
        return sha256_hex(canonical.dumps(stated))


def check(application: Application, *, at: datetime) -> Manifest:
    """Return the manifest of an acceptable application.

    Raises Invalid naming the first field that is wrong.
    """
    for name, longest in LENGTHS.items():
        if not 1 <= len(getattr(application, name).strip()) <= longest:
            raise refused("length", name, _("1 to %(n)s characters are needed.") % {"n": longest})
    for name, choices in CHOICES.items():
        if getattr(application, name) not in choices.values:
            raise refused("choice", name, _("This is not one of the possible values."))
    if not INDUSTRY.fullmatch(application.industry):
        message = _("The industry is a division and class of GB/T 4754, such as I65.")
        raise refused("industry", "industry", message)
    if application.temporal_to < application.temporal_from:
        raise refused("time-span", "temporal_to", _("The time span ends before it begins."))
    if not is_hex_digest(application.evidence_sha256):
        message = _("The evidence is named by 64 lower-case hex digits, its SHA-256.")
        raise refused("evidence", "evidence_sha256", message)
    today = at.astimezone(CHINA).date()
    if application.term_until and not today < application.term_until < LATEST:
        raise refused("term", "term_until", _("The rights have to end after today."))
    check_rights(application)
    return read_manifest(application.manifest)


def check_rights(application: Application) -> None:
    """Raises Invalid unless the rights are distinct and the source's ground carries each."""
    ground = GROUNDS[SourceKind(application.source_kind)]
    rights = application.rights
    if not rights or len(set(rights)) != len(rights) or set(rights) - set(Right.values):
        raise refused("rights", "rights", _("Name each right applied for once."))
    if beyond := sorted(set(rights) - ground.rights):
        raise Invalid(
            "rights-beyond-ground",
            _("This source does not carry the right: %(right)s.") % {"right": beyond[0]},
            basis=ground.basis,
            remedy=_("Apply for the rights that the source carries."),
            field="rights",
            rights=sorted(ground.rights),
        )


def read_manifest(value: Mapping[str, Any]) -> Manifest:
    """The manifest, believed only where its numbers agree. Raises Invalid naming its field."""
    try:
        manifest = Manifest.from_public(value)
    except ManifestError as error:
        raise Invalid(
            f"manifest-{error.code}",
            _("The manifest cannot be true: %(field)s %(reason)s.")
            % {"field": error.field, "reason": error.message},
            remedy=_("Compute it with: tallystick fingerprint FILE"),
            field=f"manifest.{error.field}",
        ) from error
    if manifest.size == 0:
        raise refused("manifest-empty", "manifest.size", _("An empty file is no data asset."))
    if manifest.table is not None and manifest.table.rows == 0:
        raise refused("manifest-empty", "manifest.table.rows", _("A table needs a row."))
    return manifest


def refused(code: str, field: str, message: Any) -> Invalid:
    """The refusal of one field."""
    return Invalid(code, message, basis=FIELDS_BASIS, field=field)


def application_of(case: RegistrationCase) -> Application:
    """What a stored case says."""
    stated = {name: getattr(case.asset, name) for name in DESCRIPTION}
    return Application(
        **stated,
        rights=tuple(case.rights),
        evidence_sha256=case.evidence_sha256,
        term_until=case.term_until,
        manifest=case.version.manifest,
    )


def digests_of(manifest: Manifest) -> dict[str, Any]:
    """What a version's columns repeat of its manifest; None for what only tables have."""
    table = manifest.table
    return {
        "size_bytes": manifest.size,
        "sha256": manifest.sha256,
        "sm3": manifest.sm3,
        "blake3": manifest.blake3,
        "chunk_root": manifest.chunk_root,
        "chunk_count": manifest.chunk_count,
        "row_count": table.rows if table else None,
        "row_digest": table.row_digest if table else None,
        "schema_sha256": table.schema_sha256() if table else None,
    }
