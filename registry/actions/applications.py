"""What an applicant does with a case: open, amend, submit, withdraw."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from core.actors import Actor
from core.events import record
from core.states import advance
from core.time import effective_time
from core.verdicts import require
from registry import rules
from registry.actions.content import claim_content
from registry.actions.locks import end_objections, end_possession, lock_for_applicant
from registry.application import Application, application_of, check, digests_of
from registry.events import CaseAmended, CaseOpened, CaseSubmitted, CaseWithdrawn
from registry.models import Asset, AssetVersion, RegistrationCase
from registry.states import CASE
from tallystick.fingerprint.manifest import Manifest


def open_case(
    holder: Organisation, *, application: Application, by: Actor, now: datetime | None = None
) -> RegistrationCase:
    """Draft the first registration of a new asset of `holder` and return the case.

    Asset, version 1 and case exist afterwards; nobody but the holder sees them yet.
    Raises NotFound, NotAllowed (also for the exchange itself), Invalid naming the field.
    Records CaseOpened.
    """
    at = effective_time(now, by=by, parties=[holder])
    with transaction.atomic():
        require(rules.may_open(by, holder))
        manifest = check(application, at=at)
        asset = Asset.objects.create(holder=holder, created_at=at, **application.description())
        version = add_version(asset, 1, manifest, at)
        case = RegistrationCase.objects.create(
            asset=asset, version=version, opened_at=at, moved_at=at, **claims(application)
        )
        record(
            CaseOpened(
                holder=holder.id,
                asset=asset.id,
                version=version.id,
                procedure=case.procedure,
                kind=case.kind,
                description_sha256=application.description_sha256(),
                manifest_sha256=version.manifest_sha256,
            ),
            by=by,
            about=[case.id, asset.id, version.id, holder.id],
            parties=[holder],
            effective_at=at if now else None,
        )
    return case


def add_version(asset: Asset, number: int, manifest: Manifest, at: datetime) -> AssetVersion:
    """Write one immutable version."""
    return AssetVersion.objects.create(
        asset=asset,
        number=number,
        manifest=manifest.public(),
        manifest_sha256=manifest.digest(),
        created_at=at,
        **digests_of(manifest),
    )


def claims(application: Application) -> dict[str, object]:
    """The values of an application that stand on the case."""
    return {
        "rights": list(application.rights),
        "evidence_sha256": application.evidence_sha256,
        "term_until": application.term_until,
    }


def amend(
    case: RegistrationCase, *, application: Application, by: Actor, now: datetime | None = None
) -> RegistrationCase:
    """Replace what a draft or returned case says; another manifest makes another version.

    Raises NotFound, NotAllowed, WrongState, Invalid naming the field. Records CaseAmended.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_applicant(case, "amend", by, at)
        manifest = check(application, at=at)
        asset, version = case.asset, case.version
        Asset.objects.filter(pk=asset.pk).update(**application.description())
        if manifest.digest() != version.manifest_sha256:
            version = add_version(asset, version.number + 1, manifest, at)
        advance(case, CASE, "amend", moved_at=at, version=version, **claims(application))
        asset.refresh_from_db(fields=list(application.description()))
        record(
            CaseAmended(
                version=version.id,
                description_sha256=application.description_sha256(),
                manifest_sha256=version.manifest_sha256,
            ),
            by=by,
            about=[case.id, asset.id, version.id],
            parties=[asset.holder],
            effective_at=at if now else None,
        )
    return case


def submit(case: RegistrationCase, *, by: Actor, now: datetime | None = None) -> RegistrationCase:
    """Hand a draft, or a corrected case, to the exchange; the clock of acceptance starts anew.

    Raises NotFound, NotAllowed, WrongState, and Conflict when equal content is registered,
    or another holder's case has proven to have it. Records CaseSubmitted.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_applicant(case, "submit", by, at)
        claim_content(case.version, at)
        stated = application_of(case)
        advance(case, CASE, "submit", submitted_at=at, moved_at=at, round=case.round + 1)
        record(
            CaseSubmitted(
                holder=case.asset.holder_id,
                version=case.version_id,
                description_sha256=stated.description_sha256(),
                manifest_sha256=case.version.manifest_sha256,
                round=case.round,
            ),
            by=by,
            about=[case.id, case.asset_id, case.version_id, case.asset.holder_id],
            parties=[case.asset.holder],
            effective_at=at if now else None,
        )
    return case


def withdraw(case: RegistrationCase, *, by: Actor, now: datetime | None = None) -> RegistrationCase:
    """Take the case back before it is decided; chunks that were shown are deleted.

    Raises NotFound, NotAllowed, WrongState. Records CaseWithdrawn.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_applicant(case, "withdraw", by, at)
        left = case.state
        advance(case, CASE, "withdraw", closed_at=at, moved_at=at)
        end_possession(case)
        end_objections(case, at)
        record(
            CaseWithdrawn(state=left),
            by=by,
            about=[case.id, case.asset_id],
            parties=[case.asset.holder],
            effective_at=at if now else None,
        )
    return case
