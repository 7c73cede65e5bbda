"""Versions have their manifest's digests; certificates and objections are what was told."""

from __future__ import annotations

from core.events import Fact
from core.fsck import (
    Course,
    Difference,
    Witness,
    chunks,
    each,
    require_course,
    require_told,
    states_told,
)
from registry import events
from registry.application import DESCRIPTION, Application, digests_of
from registry.events import (
    CertificateIssued,
    ObjectionFiled,
    ObjectionRejected,
    ObjectionUpheld,
    ObjectionWithdrawn,
)
from registry.models import AssetVersion, Certificate, Objection, RegistrationCase, RightGrant
from registry.states import CaseState, ObjectionState
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
    require_told(*objection_witnesses())
    held = Objection.objects.filter(state=ObjectionState.OPEN, case__state=CaseState.ISSUED)
    if contested := held.first():
        raise Difference(f"objection {contested.pk}: open, though the certificate was issued")
    require_described()
    require_course(
        Course(
            rows=RegistrationCase.objects.all(),
            field="case",
            turns={
                events.CaseOpened: CaseState.DRAFT,
                events.CaseSubmitted: CaseState.SUBMITTED,
                events.CaseSentBack: CaseState.RETURNED,
                events.CaseDeclined: CaseState.DECLINED,
                events.CaseAccepted: CaseState.ACCEPTED,
                events.CasePublicised: CaseState.PUBLICITY,
                events.CaseRefused: CaseState.REFUSED,
                events.CaseWithdrawn: CaseState.WITHDRAWN,
                events.CertificateIssued: CaseState.ISSUED,
            },
        )
    )
    versions = AssetVersion.objects.count()
    return f"{versions} fingerprints and {certificates.count()} certificates are as told"


def objection_witnesses() -> list[Witness]:
    """What was told of objections: each as it was made, and each decision."""
    rows = Objection.objects.all()
    made = Witness(
        fact=ObjectionFiled,
        rows=rows,
        key={"objection": "id"},
        same={
            "case": "case_id",
            "objector": "objector_id",
            "ground": "ground",
            "evidence_sha256": "evidence_sha256",
            "text_sha256": "text_sha256",
        },
    )
    named, said = {"objection": "id"}, {"reason": "reason"}
    endings: tuple[tuple[type[Fact], str, dict[str, str]], ...] = (
        (ObjectionUpheld, ObjectionState.UPHELD, said),
        (ObjectionRejected, ObjectionState.REJECTED, said),
        (ObjectionWithdrawn, ObjectionState.WITHDRAWN, {}),
    )
    return [
        made,
        *(
            Witness(fact=fact, rows=rows.filter(state=state), key=named, same=same)
            for fact, state, same in endings
        ),
    ]


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


def require_described() -> None:
    """Raises Difference unless every asset is described as its case stated it last."""
    stated = Course(
        rows=RegistrationCase.objects.select_related("asset", "version"),
        turns={
            fact: lambda values: str(values["description_sha256"])
            for fact in (events.CaseOpened, events.CaseAmended, events.CaseSubmitted)
        },
    )
    for chunk in chunks(stated.rows):
        told = states_told(stated, [case.pk for case in chunk])
        for case in chunk:
            if described(case).description_sha256() != told.get(case.pk):
                raise Difference(f"asset {case.asset_id}: its description is not what was stated")


def described(case: RegistrationCase) -> Application:
    """The application as asset, case and version hold it."""
    return Application(
        **{name: getattr(case.asset, name) for name in DESCRIPTION},
        rights=tuple(case.rights),
        evidence_sha256=case.evidence_sha256,
        term_until=case.term_until,
        manifest=case.version.manifest,
    )
