"""What has to be locked before a case moves, and what must still be true then."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.queries import affiliated
from core.actors import Actor
from core.errors import Conflict
from core.states import advance
from core.time import require_order
from core.verdicts import require
from registry import queries, rules
from registry.grounds import EXCHANGE_RULES
from registry.models import (
    AssetVersion,
    ContentDigest,
    PossessionAnswer,
    RegistrationCase,
)
from registry.states import CASE, CHALLENGE, CaseState


def lock_case(case: RegistrationCase) -> None:
    """Lock the case's row and read it afresh into `case`."""
    rows = RegistrationCase.objects.select_for_update(of=("self",))
    case.refresh_from_db(from_queryset=rows.select_related("asset__holder", "version"))


def ready(case: RegistrationCase, verb: str, at: datetime) -> None:
    """Raises WrongState when `verb` has no meaning now, Invalid when `at` precedes the last act.

    A case whose publicity is over counts as issued, whether or not the clock has been here.
    """
    CASE.target(case.state, verb)
    if queries.publicity_over(case, at):
        raise CASE.wrong(CaseState.ISSUED, verb)
    require_order(at, case.moved_at)


def lock_for_applicant(case: RegistrationCase, verb: str, by: Actor, at: datetime) -> None:
    """Lock the case for its applicant. Raises NotFound, NotAllowed, WrongState, Invalid."""
    lock_case(case)
    require(rules.may_tend(by, case))
    ready(case, verb, at)


def lock_for_review(case: RegistrationCase, verb: str, by: Actor, at: datetime) -> None:
    """Lock the case for a reviewer. Raises NotFound, NotAllowed, WrongState, Invalid."""
    lock_case(case)
    close = affiliated(by.user_id, case.asset.holder_id, at)
    require(rules.may_review(by, case, affiliated=close))
    ready(case, verb, at)


def claim_content(version: AssetVersion, at: datetime) -> None:
    """Lock the content against a simultaneous claim and refuse it when it is another's.

    Locks are taken in the order of the digests, so that two claims never wait for each
    other. Raises Conflict naming the other certificate, or saying that a case is in process.
    """
    digests = sorted({d for d in (version.sha256, version.row_digest) if d})
    ContentDigest.objects.bulk_create(
        [ContentDigest(digest=d) for d in digests], ignore_conflicts=True
    )
    rows = ContentDigest.objects.select_for_update().filter(digest__in=digests)
    list(rows.order_by("digest"))
    if certificate := queries.duplicate_of(version, at):
        raise Conflict(
            "duplicate-registered",
            _("Equal content is registered for another holder: %(code)s.")
            % {"code": certificate.code},
            basis=EXCHANGE_RULES,
            remedy=_("If the rights are yours, ask its holder or the exchange."),
            field="manifest",
            certificate=certificate.code,
        )
    if queries.claimed_elsewhere(version):
        raise Conflict(
            "duplicate-in-process",
            _("Equal content is being registered for another applicant."),
            basis=EXCHANGE_RULES,
            remedy=_("Submit again when that registration has ended without a certificate."),
            field="manifest",
        )


def end_possession(case: RegistrationCase) -> None:
    """Nothing more is to be shown: void an open challenge, delete the chunks that were shown."""
    challenge = queries.open_challenge(case)
    if challenge is not None:
        advance(challenge, CHALLENGE, "void")
    PossessionAnswer.objects.filter(challenge__case=case).delete()
