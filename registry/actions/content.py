"""One content, one holder: what a case may claim, and what it must have proven to win.

Digests can be copied, so an application on paper blocks nobody. What blocks another holder
is a certificate, and a case that has proven possession: for the chunk tree that its chunks
prove, and for every digest where the file was seen whole.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from registry import queries
from registry.grounds import EXCHANGE_RULES
from registry.models import AssetVersion, ContentDigest, RegistrationCase


def claim_content(version: AssetVersion, at: datetime) -> None:
    """Lock the content against a simultaneous claim and refuse it when it is another's.

    Raises Conflict naming the other certificate, or saying that another holder's case has
    proven to have the content.
    """
    lock_content(version)
    refuse_registered(version, at)
    if queries.proven_elsewhere(version):
        raise in_process()


def claim_publicity(case: RegistrationCase, at: datetime) -> None:
    """Lock the content and refuse to publicise what two holders could end up registering.

    Raises Conflict as `claim_content`; also while another holder's case with an equal digest
    is publicised, or has proven possession and this case's file was not seen whole.
    """
    version = case.version
    claim_content(version, at)
    if queries.publicised_elsewhere(version):
        raise in_process()
    if queries.contested_by(version) and not queries.seen_whole(case):
        raise Conflict(
            "content-contested",
            _("Another applicant has proven a file of its own for an equal digest."),
            basis=EXCHANGE_RULES,
            remedy=_("Attest on site whose manifest is true; chunks alone do not tell."),
            field="manifest",
        )


def lock_content(version: AssetVersion) -> None:
    """Lock a row for each digest, in their order, so that two claims never wait for each other."""
    wanted = (version.sha256, version.chunk_root, version.row_digest)
    digests = sorted({digest for digest in wanted if digest})
    ContentDigest.objects.bulk_create(
        [ContentDigest(digest=d) for d in digests], ignore_conflicts=True
    )
    rows = ContentDigest.objects.select_for_update().filter(digest__in=digests)
    list(rows.order_by("digest"))


def refuse_registered(version: AssetVersion, at: datetime) -> None:
    """Raises Conflict when another holder's certificate on equal content is in force."""
    certificate = queries.duplicate_of(version, at)
    if certificate is not None:
        raise Conflict(
            "duplicate-registered",
            _("Equal content is registered for another holder: %(code)s.")
            % {"code": certificate.code},
            basis=EXCHANGE_RULES,
            remedy=_("If the rights are yours, ask its holder or the exchange."),
            field="manifest",
            certificate=certificate.code,
        )


def in_process() -> Conflict:
    """The refusal while another holder's case has proven to have the content."""
    return Conflict(
        "duplicate-in-process",
        _("Another applicant has proven to have equal content."),
        basis=EXCHANGE_RULES,
        remedy=_("Try again when that registration has ended without a certificate."),
        field="manifest",
    )
