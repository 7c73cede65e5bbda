"""Versions have their manifest's digests, certificates are what was issued."""

from __future__ import annotations

from core.fsck import Difference, Witness, each, require_told
from registry.application import digests_of
from registry.events import CertificateIssued
from registry.models import AssetVersion, Certificate, RightGrant
from tallystick import canonical
from tallystick.credential import digest_of
from tallystick.digests import sha256_hex
from tallystick.fingerprint.manifest import Manifest


def check() -> str:
    """Raises Difference."""
    for version in each(AssetVersion.objects.all()):
        require_own_manifest(version)
    certificates = Certificate.objects.select_related("version", "asset")
    for certificate in each(certificates):
        require_own_digest(certificate)
    require_told(
        Witness(
            fact=CertificateIssued,
            rows=Certificate.objects.all(),
            key={"code": "code"},
            same={
                "case": "case_id",
                "asset": "asset_id",
                "version": "version_id",
                "vc_sha256": "vc_sha256",
                "valid_from": "valid_from",
                "valid_until": "valid_until",
            },
        )
    )
    versions = AssetVersion.objects.count()
    return f"{versions} fingerprints and {certificates.count()} certificates are as told"


def require_own_manifest(version: AssetVersion) -> None:
    """Raises Difference unless the row's digests are the manifest's."""
    if sha256_hex(canonical.dumps(version.manifest)) != version.manifest_sha256:
        raise Difference(f"asset version {version.pk}: its manifest has another digest")
    for name, value in digests_of(Manifest.from_public(version.manifest)).items():
        if value != getattr(version, name):
            raise Difference(f"asset version {version.pk}: {name} is not its manifest's")


def require_own_digest(certificate: Certificate) -> None:
    """Raises Difference unless the credential has its digest and says what the row says."""
    what = f"certificate {certificate.code}"
    if digest_of(certificate.vc) != certificate.vc_sha256:
        raise Difference(f"{what}: its credential has another digest")
    subject = certificate.vc["credentialSubject"]
    said = (subject["code"], subject["manifestSha256"])
    if said != (certificate.code, certificate.version.manifest_sha256):
        raise Difference(f"{what}: its credential is about something else")
    granted = RightGrant.objects.filter(certificate=certificate)
    rights = {(f"urn:tallystick:{row.holder_id}", str(row.right)) for row in granted}
    if rights != {(one["holder"]["id"], one["right"]) for one in subject["rights"]}:
        raise Difference(f"{what}: its rights are not those of its credential")
