"""The certificate as a W3C Verifiable Credential 2.0; the JSON is what counts.

It carries code, holder, rights and the whole manifest. It carries no proof of its own
place in the log: its event commits to its digest, and proofs come in the bundle.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Organisation
from core.keys import load_key
from registry.grounds import GROUNDS, RIGHT_TERMS
from registry.models import RegistrationCase
from registry.states import Right, SourceKind
from tallystick import credential, keys

CONTEXT = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:tallystick:registration:"}]
TYPES = ["VerifiableCredential", "DataAssetRegistrationCertificate"]


def xsd(moment: datetime) -> str:
    """A moment as xsd:dateTimeStamp in UTC, whole seconds: 2026-11-20T16:00:00Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def address_of(code: str) -> str:
    """Where a code resolves; what the QR code says."""
    return f"{settings.SITE_URL}/r/{code}"


def subject_of(
    case: RegistrationCase, code: str, valid_from: datetime, rights_until: datetime
) -> dict[str, Any]:
    """What the certificate is about: data, holder, rights and fingerprint."""
    asset, holder, version = case.asset, case.asset.holder, case.version
    ground = GROUNDS[SourceKind(asset.source_kind)]
    party = {"id": f"urn:tallystick:{holder.id}", "name": holder.name, "uscc": holder.uscc}
    return {
        "id": f"urn:tallystick:{asset.id}",
        "code": code,
        "procedure": case.procedure,
        "kind": case.kind,
        "case": case.id,
        "version": {"id": version.id, "number": version.number},
        "name": asset.name,
        "overview": asset.overview,
        "industry": asset.industry,
        "source": {"kind": asset.source_kind, "term": ground.term},
        "evidenceSha256": case.evidence_sha256,
        "spatial": asset.spatial,
        "temporal": {
            "from": asset.temporal_from.isoformat(),
            "to": asset.temporal_to.isoformat(),
        },
        "updateFrequency": asset.update_frequency,
        "form": asset.form,
        "restrictions": asset.restrictions,
        "holder": {**party, "demo": holder.is_demo},
        "rights": [
            {
                "holder": party,
                "right": right,
                "term": RIGHT_TERMS[Right(right)][0],
                "from": xsd(valid_from),
                "until": xsd(rights_until),
                "ground": ground.basis,
            }
            for right in case.rights
        ],
        "manifest": version.manifest,
        "manifestSha256": version.manifest_sha256,
    }


def signed(
    subject: dict[str, Any], *, issuer: Organisation, valid_from: datetime, valid_until: datetime
) -> dict[str, Any]:
    """The credential over `subject`, signed now with the exchange's key.

    Raises Unavailable when the key is missing or cannot be used.
    """
    key = load_key("exchange")
    did = keys.did_of(keys.public_of(key))
    document = {
        "@context": CONTEXT,
        "id": address_of(subject["code"]),
        "type": TYPES,
        "issuer": {"id": did, "name": issuer.name, "uscc": issuer.uscc, "demo": issuer.is_demo},
        "validFrom": xsd(valid_from),
        "validUntil": xsd(valid_until),
        "credentialSubject": subject,
    }
    method = f"{did}#{did.removeprefix('did:key:')}"
    return credential.sign(document, key, verification_method=method, created=xsd(timezone.now()))
