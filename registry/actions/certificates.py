"""The end of a registration: code, rights and signed certificate."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import affiliated, the_exchange
from core.actors import CLOCK, Actor
from core.errors import Conflict, DomainError
from core.events import record
from core.states import advance
from core.time import CHINA, effective_time, iso
from core.verdicts import require
from registry import credential, queries, rules
from registry.actions.locks import lock_case
from registry.events import CertificateIssued
from registry.grounds import EXCHANGE_RULES
from registry.models import Certificate, RegistrationCase, RightGrant, SerialCounter
from registry.states import CASE, CaseState
from tallystick import codes
from tallystick.credential import digest_of

log = logging.getLogger(__name__)
VALID_YEARS = 5


def issue(case: RegistrationCase, *, by: Actor, now: datetime | None = None) -> Certificate:
    """Issue the certificate of a case whose publicity has ended, and return it.

    The fact is the deadline's: it takes effect at the end of the publicity, or of the last
    objection where that came later, and is recorded as the clock's, whoever asks for it and
    whenever. Rights begin then. Valid five years, or until the rights end. Raises NotFound,
    NotAllowed, WrongState, Conflict while the publicity runs, while an objection is open or
    when the month's codes are used up, Unavailable without the exchange's key. Records
    CertificateIssued.
    """
    holder, exchange = case.asset.holder, the_exchange()
    at = effective_time(now, by=by, parties=[holder, exchange])
    with transaction.atomic():
        lock_case(case)
        close = affiliated(by.user_id, holder.id, at)
        require(rules.may_issue(by, case, affiliated=close))
        CASE.target(case.state, "issue")
        begins = require_issuable(case, at)
        certificate = write_certificate(case, begins)
        advance(case, CASE, "issue", issued_at=begins, moved_at=begins)
        record(
            issued_fact(certificate, by.label),
            by=CLOCK,
            about=[certificate.id, case.id, case.asset_id, case.version_id, holder.id],
            parties=[holder, exchange],
            effective_at=begins,
        )
    return certificate


def require_issuable(case: RegistrationCase, at: datetime) -> datetime:
    """The moment from which the certificate is valid. Raises Conflict when it has not come."""
    ends = queries.issues_at(case)
    if ends is None:
        raise Conflict(
            "objection-open",
            _("An objection to this registration is not yet decided."),
            basis=EXCHANGE_RULES,
            remedy=_("A reviewer decides it first: upheld or rejected, with the reason."),
        )
    if at < ends.at:
        raise Conflict(
            "publicity-running",
            _("The publicity has not ended."),
            basis=EXCHANGE_RULES,
            until=iso(ends.at),
            provisional=ends.provisional,
        )
    return ends.at


def write_certificate(case: RegistrationCase, valid_from: datetime) -> Certificate:
    """Write the certificate, its code and its rights."""
    valid_until = end_of_validity(case, valid_from)
    code = next_code(case.asset.holder.region, valid_from)
    subject = credential.subject_of(case, code, valid_from, valid_until)
    vc = credential.signed(
        subject, issuer=the_exchange(), valid_from=valid_from, valid_until=valid_until
    )
    certificate = Certificate.objects.create(
        code=code,
        case=case,
        asset=case.asset,
        version=case.version,
        vc=vc,
        vc_sha256=digest_of(vc),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    RightGrant.objects.bulk_create(
        RightGrant(
            asset=case.asset,
            certificate=certificate,
            holder=case.asset.holder,
            right=right,
            ground=case.asset.source_kind,
            term_from=valid_from,
            term_to=valid_until,
        )
        for right in case.rights
    )
    return certificate


def end_of_validity(case: RegistrationCase, valid_from: datetime) -> datetime:
    """Five years on the same day in China (28 February for 29), or the end of the rights if sooner.

    Exclusive: the first moment at which the certificate is no longer in force.
    Raises Conflict when the rights end before they begin.
    """
    local = valid_from.astimezone(CHINA)
    leap_day = (local.month, local.day) == (2, 29)
    longest = local.replace(year=local.year + VALID_YEARS, day=28 if leap_day else local.day)
    if case.term_until is None:
        return longest.astimezone(UTC)
    rights_end = datetime.combine(case.term_until + timedelta(days=1), time.min, CHINA)
    if rights_end <= local:
        raise Conflict(
            "rights-ended",
            _("The rights end before the publicity does; there is nothing to certify."),
            remedy=_("Refuse the registration, or let the applicant withdraw it."),
            term_until=case.term_until.isoformat(),
        )
    return min(longest, rights_end).astimezone(UTC)


def next_code(region: str, at: datetime) -> str:
    """The next code of a region in the month of `at` in China, counted under a lock.

    Raises Conflict when all 999,999 serials of the month are given: they never wrap.
    """
    yyyymm = at.astimezone(CHINA).strftime("%Y%m")
    SerialCounter.objects.get_or_create(region=region, yyyymm=yyyymm)
    counter = SerialCounter.objects.select_for_update().get(region=region, yyyymm=yyyymm)
    if counter.last >= codes.MAX_SERIAL:
        raise Conflict(
            "serials-exhausted",
            _("All registration codes of this region and month are given."),
            region=region,
            yyyymm=yyyymm,
        )
    counter.last += 1
    counter.save(update_fields=["last"])
    return codes.compose(region, yyyymm, counter.last)


def issued_fact(certificate: Certificate, requested_by: str) -> CertificateIssued:
    """The fact that commits to the certificate and its digests."""
    version = certificate.version
    return CertificateIssued(
        code=certificate.code,
        case=certificate.case_id,
        asset=certificate.asset_id,
        version=version.id,
        holder=certificate.asset.holder_id,
        vc_sha256=certificate.vc_sha256,
        manifest_sha256=version.manifest_sha256,
        sha256=version.sha256,
        sm3=version.sm3,
        blake3=version.blake3,
        chunk_root=version.chunk_root,
        row_digest=version.row_digest,
        rights=list(certificate.case.rights),
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        requested_by=requested_by,
    )


def run_clock(now: datetime | None = None) -> int:
    """Issue every certificate that is due by `now` (server time); how many.

    In the order of the deadlines, each in a transaction of its own and once per case, so
    that running late or twice gives the same result. A case that cannot be issued is
    logged and holds up no other.
    """
    at = effective_time(now, by=CLOCK, parties=[])
    rows = RegistrationCase.objects.filter(state=CaseState.PUBLICITY, publicised_at__lt=at)
    clocks = queries.Clocks(at)
    waiting = [(queries.issues_at(c, clocks), c) for c in rows.select_related("asset__holder")]
    due = sorted((ends.at, case.id, case) for ends, case in waiting if ends and ends.at <= at)
    return sum(issue_due(case, at) for _end, _id, case in due)


def issue_due(case: RegistrationCase, at: datetime) -> int:
    """Issue one certificate for the clock: 1 when issued, 0 when that was impossible."""
    try:
        issue(case, by=CLOCK, now=at)
    except DomainError as error:
        log.warning("certificate of %s not issued: %s", case.id, error)
        return 0
    return 1
