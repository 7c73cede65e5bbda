"""Proof that the applicant has the file: chunks drawn by the server, or a look on site."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries import signing_key, the_exchange
from core.actors import Actor
from core.errors import Conflict, Invalid, NotAllowed
from core.events import record
from core.states import advance
from core.time import effective_time, iso
from registry import queries, rules
from registry.actions.content import claim_content
from registry.actions.locks import end_possession, lock_for_applicant, lock_for_review
from registry.events import ChallengeDrawn, DisclosureConsented, PossessionProven
from registry.grounds import EXCHANGE_RULES
from registry.models import (
    AssetVersion,
    Attestation,
    PossessionAnswer,
    PossessionChallenge,
    RegistrationCase,
)
from registry.states import CASE, CHALLENGE, CHUNKS_DRAWN, PossessionMethod
from tallystick.digests import blake3_hex, sha256_hex, sm3_hex
from tallystick.fingerprint import CHUNK_SIZE, TableError
from tallystick.fingerprint.possession import ChunkAnswer
from tallystick.fingerprint.table import TableSink
from tallystick.keys import StatementError, verify_statement

ATTESTATION, ROLE = "attestation", "reviewer"
MAX_STATEMENT = 2000


def chunks_drawn(case: RegistrationCase) -> int:
    """How many chunks a challenge asks for: three, or all of a smaller file."""
    return min(CHUNKS_DRAWN, case.version.chunk_count)


def consent_to_disclosure(
    case: RegistrationCase, *, by: Actor, now: datetime | None = None
) -> RegistrationCase:
    """The applicant of a small file prefers showing chunks to an attestation on site.

    Needed only where the answer discloses more than a quarter of the file.
    Raises NotFound, NotAllowed, WrongState. Records DisclosureConsented.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_applicant(case, "consent", by, at)
        advance(case, CASE, "consent", consented_at=at, moved_at=at)
        count = case.version.chunk_count
        record(
            DisclosureConsented(chunks=chunks_drawn(case), chunk_count=count),
            by=by,
            about=[case.id, case.asset_id],
            parties=[case.asset.holder],
            effective_at=at if now else None,
        )
    return case


def draw_challenge(
    case: RegistrationCase, *, by: Actor, now: datetime | None = None
) -> PossessionChallenge:
    """Draw min(3, chunks) distinct indexes for a case in review and return the challenge.

    Indexes are drawn by the server and asked once; a challenge whose time is over is void
    and another may be drawn. Raises NotFound, NotAllowed, WrongState, and Conflict while
    a challenge runs, after possession was proven, or where the answer would disclose more
    than a quarter of the file and the applicant has not agreed. Records ChallengeDrawn.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "challenge", by, at)
        refuse_proven(case)
        drawn, count = chunks_drawn(case), case.version.chunk_count
        if rules.needs_consent(drawn, count) and case.consented_at is None:
            raise Conflict(
                "attestation-first",
                _("The answer would disclose more than a quarter of the file."),
                basis=EXCHANGE_RULES,
                remedy=_("Attest on site, or let the applicant agree to show chunks."),
                chunks=drawn,
                chunk_count=count,
            )
        void_lapsed(case, at)
        indexes = sorted(secrets.SystemRandom().sample(range(count), drawn))
        challenge = PossessionChallenge.objects.create(
            case=case, version=case.version, indexes=indexes, drawn_at=at
        )
        advance(case, CASE, "challenge", moved_at=at)
        record(
            ChallengeDrawn(challenge=challenge.id, indexes=indexes),
            by=by,
            about=[case.id, case.asset_id, challenge.id],
            parties=[case.asset.holder],
            effective_at=at if now else None,
        )
    return challenge


def void_lapsed(case: RegistrationCase, at: datetime) -> None:
    """Void an open challenge whose time is over. Raises Conflict while one runs."""
    challenge = queries.open_challenge(case)
    if challenge is None:
        return
    deadline = queries.challenge_deadline(challenge)
    if at < deadline.at:
        raise Conflict(
            "challenge-running",
            _("A possession challenge waits for its answer."),
            until=iso(deadline.at),
        )
    advance(challenge, CHALLENGE, "void")


def answer_challenge(
    case: RegistrationCase,
    *,
    answers: Sequence[ChunkAnswer],
    by: Actor,
    now: datetime | None = None,
) -> RegistrationCase:
    """Answer the open challenge with exactly the chunks that it asks for.

    Each chunk is checked against the registered chunk tree. A wrong one is refused with
    its index and nothing is kept; the challenge stays open until its deadline.
    Raises NotFound, NotAllowed, WrongState, Invalid naming the chunk, Conflict when no
    challenge is open, its time is over, or equal content is another's (`claim_content`).
    Records PossessionProven.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_applicant(case, "answer", by, at)
        challenge = running_challenge(case, at)
        check_answers(challenge, answers)
        claim_content(case.version, at)
        PossessionAnswer.objects.bulk_create(
            PossessionAnswer(challenge=challenge, index=a.index, chunk=a.chunk) for a in answers
        )
        advance(challenge, CHALLENGE, "answer", answered_at=at)
        proof = {"possession_at": at, "possession_method": PossessionMethod.CHALLENGE}
        advance(case, CASE, "answer", moved_at=at, **proof)
        proven = PossessionProven(
            method=PossessionMethod.CHALLENGE.value,
            challenge=challenge.id,
            attestation="",
            statement_sha256="",
        )
        tell_proven(case, proven, challenge.id, by, at if now else None)
    return case


def running_challenge(case: RegistrationCase, at: datetime) -> PossessionChallenge:
    """The open challenge. Raises Conflict when there is none or its time is over."""
    challenge = queries.open_challenge(case)
    if challenge is None:
        raise Conflict("no-challenge", _("No possession challenge waits for an answer."))
    deadline = queries.challenge_deadline(challenge)
    if at >= deadline.at:
        raise Conflict(
            "challenge-lapsed",
            _("The time for answering this challenge is over."),
            basis=EXCHANGE_RULES,
            remedy=_("Ask the reviewer to draw a new one."),
            deadline=iso(deadline.at),
        )
    return challenge


def check_answers(challenge: PossessionChallenge, answers: Sequence[ChunkAnswer]) -> None:
    """Raises Invalid unless the answers are the chunks asked for, and belong to the file.

    Where they are the whole of a small file, all its registered digests are checked too.
    """
    given = [answer.index for answer in answers]
    if sorted(given) != challenge.indexes:
        raise Invalid(
            "answer-indexes",
            _("Answer with exactly the chunks that were drawn."),
            field="answers",
            wanted=challenge.indexes,
            given=given[:16],
        )
    version = challenge.version
    for position, answer in enumerate(answers):
        if not belongs(answer, version):
            raise Invalid(
                "chunk-mismatch",
                _("Chunk %(index)s is not that of the registered file.") % {"index": answer.index},
                remedy=_("Answer from the very file whose manifest was submitted."),
                field=f"answers[{position}].chunk",
                index=answer.index,
            )
    if len(answers) == version.chunk_count:
        ordered = sorted(answers, key=lambda answer: answer.index)
        check_whole(b"".join(answer.chunk for answer in ordered), version)


def belongs(answer: ChunkAnswer, version: AssetVersion) -> bool:
    """Whether the chunk is in the registered tree and as long as the registered size makes it."""
    length = min(CHUNK_SIZE, version.size_bytes - answer.index * CHUNK_SIZE)
    return len(answer.chunk) == length and answer.holds(version.chunk_root, version.chunk_count)


def check_whole(content: bytes, version: AssetVersion) -> None:
    """Raises Invalid when the manifest is not that of the file that was shown whole."""
    found = {
        "sha256": sha256_hex(content),
        "sm3": sm3_hex(content),
        "blake3": blake3_hex(content),
    }
    differing = [name for name, digest in found.items() if getattr(version, name) != digest]
    if "table" in version.manifest and table_in(content) != version.manifest["table"]:
        differing.append("table")
    if differing:
        raise Invalid(
            "manifest-digests",
            _("The manifest is not that of the file that was shown."),
            remedy=_("Withdraw, and apply with the manifest of this very file."),
            field=f"manifest.{differing[0]}",
            differs=differing,
        )


def table_in(content: bytes) -> dict[str, Any] | None:
    """The table's part of the manifest of a CSV file; None where it is no table."""
    sink = TableSink()
    try:
        sink.update(content)
        return sink.table().public()
    except TableError:
        return None


def attest_on_site(
    case: RegistrationCase,
    *,
    statement: str,
    public_key: str,
    signature: str,
    by: Actor,
    now: datetime | None = None,
) -> Attestation:
    """A reviewer saw the file at the applicant's site, computed its fingerprint, and signs so.

    The signature is of purpose "attestation" and role "reviewer" over the SHA-256 of the
    statement's UTF-8 text, with the reviewer's own enrolled key (hex).
    A look on site sees the whole file, so it may follow an answered challenge.
    Raises NotFound, NotAllowed, WrongState, Invalid, and Conflict after an attestation or
    when equal content is another's (`claim_content`). Records PossessionProven.
    """
    at = effective_time(now, by=by, parties=[case.asset.holder])
    with transaction.atomic():
        lock_for_review(case, "attest", by, at)
        if case.possession_method == PossessionMethod.ON_SITE:
            raise enough_proof()
        check_statement(case, statement)
        own_key(public_key, by, at)
        digest = sha256_hex(statement.encode("utf-8"))
        check_signature(digest, public_key, signature)
        claim_content(case.version, at)
        attestation = Attestation.objects.create(
            case=case,
            statement=statement,
            statement_sha256=digest,
            reviewer=by.user_id,
            public_key=public_key,
            signature=signature,
            attested_at=at,
        )
        end_possession(case)
        proof = {"possession_at": at, "possession_method": PossessionMethod.ON_SITE}
        advance(case, CASE, "attest", moved_at=at, **proof)
        proven = PossessionProven(
            method=PossessionMethod.ON_SITE.value,
            challenge="",
            attestation=attestation.id,
            statement_sha256=digest,
        )
        tell_proven(case, proven, attestation.id, by, at if now else None)
    return attestation


def check_statement(case: RegistrationCase, statement: str) -> None:
    """Raises Invalid unless the statement names the registered file by its SHA-256."""
    if not 1 <= len(statement.strip()) <= MAX_STATEMENT or case.version.sha256 not in statement:
        raise Invalid(
            "attestation-statement",
            _("The statement, up to 2,000 characters, names the SHA-256 of the file seen."),
            field="statement",
            sha256=case.version.sha256,
        )


def own_key(public_key: str, by: Actor, at: datetime) -> None:
    """Raises NotFound, WrongState or NotAllowed unless `by` enrolled this key for the exchange."""
    key = signing_key(the_exchange(), public_key, at)
    if key.user_id != by.user_id:
        raise NotAllowed("key-of-another", _("Sign with the key that you enrolled yourself."))


def check_signature(digest: str, public_key: str, signature: str) -> None:
    """Raises Invalid unless the key signed an attestation of this digest as reviewer."""
    try:
        verify_statement(
            bytes.fromhex(public_key),
            bytes.fromhex(signature),
            purpose=ATTESTATION,
            origin=settings.LOG_ORIGIN,
            digest=digest,
            role=ROLE,
        )
    except (StatementError, ValueError) as error:
        raise Invalid(
            "signature", _("The signature does not fit this statement."), field="signature"
        ) from error


def refuse_proven(case: RegistrationCase) -> None:
    """Raises Conflict after possession was proven: no more chunks need to be shown."""
    if case.possession_at is not None:
        raise enough_proof()


def enough_proof() -> Conflict:
    """The refusal of more proof than is needed."""
    return Conflict("possession-proven", _("Possession has been proven."))


def tell_proven(
    case: RegistrationCase,
    fact: PossessionProven,
    means: str,
    by: Actor,
    effective_at: datetime | None,
) -> None:
    """Record that possession was proven, about the case and the means of proof."""
    record(
        fact,
        by=by,
        about=[case.id, case.asset_id, means],
        parties=[case.asset.holder],
        effective_at=effective_at,
    )
