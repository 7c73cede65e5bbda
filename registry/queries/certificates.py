"""Reads of certificates, and what a page shows of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import Organisation
from accounts.queries import the_exchange
from core.errors import NotFound
from core.models import Event
from ledger.queries import SealStatus, seal_status
from registry.credential import address_of
from registry.events import CertificateIssued
from registry.grounds import ENCUMBRANCE_TERMS, GROUNDS
from registry.models import (
    Asset,
    AssetVersion,
    Certificate,
    Encumbrance,
    RightGrant,
)
from registry.queries.assets import encumbrances_of
from registry.states import (
    CertificateState,
    EncumbranceKind,
    Right,
    SourceKind,
    Standing,
)
from tallystick import codes, credential
from tallystick.proof import commit


@dataclass(frozen=True, slots=True)
class RightRow:
    """One line of the rights matrix: a holder and what they hold from `term_from` to `term_to`."""

    holder: str
    uscc: str
    demo: bool
    hold: bool
    use: bool
    operate: bool
    term_from: datetime
    term_to: datetime
    ground: str
    basis: str


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Everything that /r/<code> shows.

    `parts` are the code's (region, yyyymm, serial, check); `digests` pairs of algorithm
    and hex; `row_count` and `columns` are None and empty for a binary file. `agrees` is
    true when the stored certificate is the one its event in the log commits to; where
    they differ, the log prevails. `remarks` is empty where nothing binds the asset.
    """

    code: str
    parts: tuple[str, str, str, str]
    standing: Standing
    agrees: bool
    certificate: Certificate
    holder: Organisation
    issuer: Organisation
    asset: Asset
    source_term: str
    size_bytes: int
    row_count: int | None
    columns: tuple[str, ...]
    rights: tuple[RightRow, ...]
    remarks: tuple[str, ...]
    encumbrances: tuple[Encumbrance, ...]
    digests: tuple[tuple[str, str], ...]
    chunk_size: int
    chunk_count: int
    manifest_sha256: str
    vc_sha256: str
    event_id: str
    recorded_at: datetime
    demo: bool
    address: str


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One of the latest registrations, as a list shows it."""

    id: str
    code: str
    name: str
    holder: str
    demo: bool
    size_bytes: int
    row_count: int | None
    sha256: str
    valid_from: datetime

    @property
    def spelt(self) -> str:
        """The code in the groups in which it is read aloud."""
        parts = codes.parse(self.code)
        return f"TS {parts.region} {parts.yyyymm} {parts.serial:06d} {parts.check}"


def certificate_by_code(code: str) -> Certificate:
    """The certificate with that code. Raises NotFound, saying so when the code is mistyped."""
    rows = Certificate.objects.select_related("asset__holder", "version", "case")
    found = rows.filter(code=code).first()
    if found is None and not codes.is_valid(code):
        raise NotFound(
            "code-mistyped",
            _("This is no registration code: its digits do not check."),
            remedy=_("Compare it with the certificate: TS, then twenty characters."),
        )
    if found is None:
        raise NotFound(
            "not-found",
            _("No certificate has this code."),
            remedy=_("The code is well formed; ask whoever gave it to you where it comes from."),
        )
    return found


def valid_certificate(asset: Asset, at: datetime) -> Certificate | None:
    """The asset's certificate that is in force at that moment; None for none."""
    rows = Certificate.objects.filter(asset=asset, state=CertificateState.VALID)
    rows = rows.filter(valid_from__lte=at, valid_until__gt=at)
    return rows.select_related("asset__holder", "version").order_by("-valid_from").first()


def standing(certificate: Certificate, at: datetime) -> Standing:
    """valid_from <= at < valid_until: valid; before: not yet; after: expired."""
    if at < certificate.valid_from:
        return Standing.NOT_YET
    return Standing.VALID if at < certificate.valid_until else Standing.EXPIRED


def issuing_event(certificate: Certificate) -> Event:
    """The fact that issued the certificate; every certificate has one."""
    rows = Event.objects.select_related("body")
    return rows.get(type=CertificateIssued.TYPE, subject=certificate.id)


def agrees_with_log(certificate: Certificate, event: Event) -> bool:
    """True when the stored credential has the digest that the event's leaf commits to."""
    fields: dict[str, Any] = event.body.fields
    committed = commit.body_root(fields, "sha256") == event.root_sha256
    recorded = fields["vc_sha256"]["value"]
    return committed and credential.digest_of(certificate.vc) == recorded


def certificate_page(code: str, at: datetime | None = None) -> CertificatePage:
    """What the page of a code shows at `at` (now). Raises NotFound."""
    moment = at or timezone.now()
    certificate = certificate_by_code(code)
    asset, version = certificate.asset, certificate.version
    event = issuing_event(certificate)
    bound = tuple(encumbrances_of(asset, moment))
    parts = codes.parse(certificate.code)
    table = version.manifest.get("table")
    return CertificatePage(
        code=certificate.code,
        parts=(parts.region, parts.yyyymm, f"{parts.serial:06d}", parts.check),
        standing=standing(certificate, moment),
        agrees=agrees_with_log(certificate, event),
        certificate=certificate,
        holder=asset.holder,
        issuer=the_exchange(),
        asset=asset,
        source_term=GROUNDS[SourceKind(asset.source_kind)].term,
        size_bytes=version.size_bytes,
        row_count=version.row_count,
        columns=tuple(c["name"] for c in table["columns"]) if table else (),
        rights=rights_of(certificate),
        remarks=tuple(ENCUMBRANCE_TERMS[EncumbranceKind(e.kind)] for e in bound),
        encumbrances=bound,
        digests=digests_of(certificate),
        chunk_size=version.manifest["chunks"]["size"],
        chunk_count=version.chunk_count,
        manifest_sha256=version.manifest_sha256,
        vc_sha256=certificate.vc_sha256,
        event_id=event.id,
        recorded_at=event.recorded_at,
        demo=event.demo,
        address=address_of(certificate.code),
    )


def digests_of(certificate: Certificate) -> tuple[tuple[str, str], ...]:
    """(algorithm, hex) of what is registered; the row digest only where the table has one."""
    version = certificate.version
    found = [
        ("SHA-256", version.sha256),
        ("SM3", version.sm3),
        ("BLAKE3", version.blake3),
        (gettext_noop("Chunk tree"), version.chunk_root),
    ]
    if version.row_digest:
        found.append((gettext_noop("Row set"), version.row_digest))
    return tuple(found)


def differences(version: AssetVersion, *, sha256: str, size: int) -> list[str]:
    """Which of the two values differ from what is registered; empty when the file matches."""
    registered = {"sha256": version.sha256, "size": version.size_bytes}
    given = {"sha256": sha256, "size": size}
    return [name for name, value in registered.items() if given[name] != value]


def rights_of(certificate: Certificate) -> tuple[RightRow, ...]:
    """The rights matrix: one line for each holder and term, in the order of granting."""
    grants = RightGrant.objects.filter(certificate=certificate).select_related("holder")
    lines: dict[tuple[str, datetime, datetime], list[RightGrant]] = {}
    for grant in grants.order_by("id"):
        lines.setdefault((grant.holder_id, grant.term_from, grant.term_to), []).append(grant)
    return tuple(right_row(line) for line in lines.values())


def right_row(line: list[RightGrant]) -> RightRow:
    """One holder's grants of one term as a line."""
    first, held = line[0], {grant.right for grant in line}
    ground = GROUNDS[SourceKind(first.ground)]
    return RightRow(
        holder=first.holder.name,
        uscc=first.holder.uscc,
        demo=first.holder.is_demo,
        hold=Right.HOLD in held,
        use=Right.USE in held,
        operate=Right.OPERATE in held,
        term_from=first.term_from,
        term_to=first.term_to,
        ground=ground.term,
        basis=ground.basis,
    )


def certificates() -> QuerySet[Certificate]:
    """Every certificate with what a list shows of it; they are public."""
    return Certificate.objects.select_related("asset__holder", "version")


def latest_certificates(limit: int = 10, *, holder: str = "") -> list[CertificateLine]:
    """The newest registrations first, of everybody or of one holder (its id); may be empty."""
    rows = certificates().filter(asset__holder=holder) if holder else certificates()
    return [
        CertificateLine(
            id=row.id,
            code=row.code,
            name=row.asset.name,
            holder=row.asset.holder.name,
            demo=row.asset.holder.is_demo,
            size_bytes=row.version.size_bytes,
            row_count=row.version.row_count,
            sha256=row.version.sha256,
            valid_from=row.valid_from,
        )
        for row in rows.order_by("-valid_from", "-id")[:limit]
    ]


def certificates_in_force(at: datetime) -> int:
    """How many certificates are in force at `at`."""
    return Certificate.objects.filter(valid_from__lte=at, valid_until__gt=at).count()


def seal_of(certificate_id: str) -> SealStatus:
    """How far the fact that issued the certificate has come in the log."""
    rows = Event.objects.filter(type=CertificateIssued.TYPE, subject=certificate_id)
    return seal_status(rows.values_list("id", flat=True).get())
