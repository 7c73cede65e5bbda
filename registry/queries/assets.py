"""Reads of assets, their versions, and who has which right on them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.rules import sees_everything
from core.actors import Actor
from core.errors import NotFound
from core.verdicts import require
from registry import rules
from registry.models import (
    Asset,
    AssetVersion,
    Certificate,
    Encumbrance,
    RegistrationCase,
    RightGrant,
)
from registry.states import (
    CHUNKS_DRAWN,
    IN_PROCESS,
    CaseState,
    CertificateState,
    EncumbranceState,
    PossessionMethod,
)


def asset(asset_id: str, actor: Actor | None = None) -> Asset:
    """The asset with that id. Raises NotFound, also when `actor` is given and may not see it."""
    found = Asset.objects.select_related("holder").filter(pk=asset_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such asset."))
    if actor is not None:
        require(rules.may_see_asset(actor, found))
    return found


def assets_for(actor: Actor) -> QuerySet[Asset]:
    """What the actor may see: the organisation's own; everything for staff and regulator."""
    rows = Asset.objects.select_related("holder")
    if sees_everything(actor):
        return rows
    return rows.filter(holder_id=actor.organisation_id)


def current_version(asset: Asset) -> AssetVersion:
    """The newest version; an asset has at least one."""
    return AssetVersion.objects.filter(asset=asset).order_by("-number")[0]


def equal_content(version: AssetVersion, prefix: str = "version__") -> Q:
    """The condition of equal bytes or, for tables, equal rows in any order.

    Equal bytes: the same SHA-256 or the same chunk tree, whichever of them is true.
    """
    same = Q(**{f"{prefix}sha256": version.sha256})
    same |= Q(**{f"{prefix}chunk_root": version.chunk_root})
    if version.row_digest:
        same |= Q(**{f"{prefix}row_digest": version.row_digest})
    return same


def duplicate_of(version: AssetVersion, at: datetime | None = None) -> Certificate | None:
    """Another holder's certificate on equal content, not expired at `at` (now); None for none."""
    moment = at or timezone.now()
    rows = Certificate.objects.filter(equal_content(version), valid_until__gt=moment)
    rows = rows.filter(state=CertificateState.VALID)
    return rows.exclude(asset__holder=version.asset.holder_id).order_by("valid_from").first()


def rivals(version: AssetVersion) -> QuerySet[RegistrationCase]:
    """Other holders' undecided cases that have proven possession, the earliest proof first."""
    rows = RegistrationCase.objects.filter(state__in=IN_PROCESS, possession_at__isnull=False)
    return rows.exclude(asset__holder=version.asset.holder_id).order_by("possession_at", "id")


def proven_elsewhere(version: AssetVersion) -> RegistrationCase | None:
    """Another holder's case that has proven to have this content; None for none.

    Chunks prove the chunk tree alone: the other digests of a larger file are its applicant's
    word, and could be copied from the true holder's.
    """
    whole = Q(possession_method=PossessionMethod.ON_SITE)
    whole |= Q(version__chunk_count__lte=CHUNKS_DRAWN)
    proven = Q(version__chunk_root=version.chunk_root) | whole & equal_content(version)
    return rivals(version).filter(proven).first()


def seen_whole(case: RegistrationCase) -> bool:
    """True when every digest of the case's manifest was checked against the file itself."""
    if case.possession_at is None:
        return False
    on_site = case.possession_method == PossessionMethod.ON_SITE
    return on_site or case.version.chunk_count <= CHUNKS_DRAWN


def publicised_elsewhere(version: AssetVersion) -> RegistrationCase | None:
    """Another holder's case in publicity with an equal digest; None for none."""
    rows = rivals(version).filter(equal_content(version), state=CaseState.PUBLICITY)
    return rows.first()


def contested_by(version: AssetVersion) -> RegistrationCase | None:
    """Another holder's case that has proven possession and claims an equal digest; or None."""
    return rivals(version).filter(equal_content(version)).first()


def holds(organisation_id: str, asset: Asset, right: str, at: datetime) -> bool:
    """True when the organisation has the right on the asset at that moment."""
    rows = RightGrant.objects.filter(asset=asset, holder=organisation_id, right=right)
    rows = rows.filter(certificate__state=CertificateState.VALID)
    return rows.filter(term_from__lte=at, term_to__gt=at).exists()


def encumbrances_of(asset: Asset, at: datetime) -> QuerySet[Encumbrance]:
    """What binds the asset at that moment, oldest first; usually empty."""
    bound = Q(lifted_at__isnull=True, state=EncumbranceState.IN_FORCE) | Q(lifted_at__gt=at)
    return Encumbrance.objects.filter(bound, asset=asset, since__lte=at).order_by("since", "id")


def encumbrance(encumbrance_id: str, actor: Actor) -> Encumbrance:
    """The encumbrance, for whoever may see its asset. Raises NotFound."""
    rows = Encumbrance.objects.select_related("asset__holder")
    found = rows.filter(pk=encumbrance_id).first()
    if found is None:
        raise NotFound("not-found", _("There is no such encumbrance."))
    require(rules.may_see_asset(actor, found.asset))
    return found


def encumbered(asset: Asset, at: datetime) -> bool:
    """True when something binds the asset at that moment."""
    return encumbrances_of(asset, at).exists()
