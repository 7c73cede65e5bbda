"""Facts of the registry. Digests are lower-case hex, moments UTC, ids those of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.events import Fact


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Fact):
    """An applicant drafted a registration of one version of an asset."""

    holder: str
    asset: str
    version: str
    procedure: str
    kind: str
    description_sha256: str
    manifest_sha256: str


@dataclass(frozen=True, kw_only=True)
class CaseAmended(Fact):
    """The applicant changed what the case says; digests are those after the change."""

    version: str
    description_sha256: str
    manifest_sha256: str


@dataclass(frozen=True, kw_only=True)
class CaseSubmitted(Fact):
    """The applicant submitted the case; the clock of acceptance runs from here."""

    holder: str
    version: str
    description_sha256: str
    manifest_sha256: str
    round: int


@dataclass(frozen=True, kw_only=True)
class CaseSentBack(Fact):
    """The one consolidated correction notice was given; `items` is the whole list."""

    items: list[str]


@dataclass(frozen=True, kw_only=True)
class CaseDeclined(Fact):
    """The application was not accepted, for the stated reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseAccepted(Fact):
    """The application was accepted; the clock of review runs from here."""

    reviewer: str


@dataclass(frozen=True, kw_only=True)
class DisclosureConsented(Fact):
    """The applicant agreed to show `chunks` of the file's `chunk_count` chunks."""

    chunks: int
    chunk_count: int


@dataclass(frozen=True, kw_only=True)
class ChallengeDrawn(Fact):
    """The server drew the chunks that the applicant has to show."""

    challenge: str
    indexes: list[int]


@dataclass(frozen=True, kw_only=True)
class PossessionProven(Fact):
    """Possession was proven: by chunks (`challenge`) or by an attestation on site."""

    method: str
    challenge: str
    attestation: str
    statement_sha256: str


@dataclass(frozen=True, kw_only=True)
class CasePublicised(Fact):
    """The review was passed and the publicity began. The four contents are all that is shown."""

    applicant: str
    name: str
    overview: str
    restrictions: str
    workdays: int
    reviewer: str


@dataclass(frozen=True, kw_only=True)
class CaseRefused(Fact):
    """The registration was refused on one of the five grounds."""

    ground: str
    basis: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(Fact):
    """The applicant withdrew the case."""

    state: str


@dataclass(frozen=True, kw_only=True)
class ObjectionFiled(Fact):
    """A member objected to a registration in publicity, in its own name and with evidence.

    The objection's text stays in its row; until it is decided no certificate is issued.
    """

    objection: str
    case: str
    objector: str
    ground: str
    text_sha256: str
    evidence_sha256: str


@dataclass(frozen=True, kw_only=True)
class ObjectionUpheld(Fact):
    """The objection was found right; the registration is refused on its ground."""

    objection: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ObjectionRejected(Fact):
    """The objection was not found right; the registration goes on."""

    objection: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ObjectionWithdrawn(Fact):
    """Who had objected took the objection back."""

    objection: str


@dataclass(frozen=True, kw_only=True)
class CertificateIssued(Fact):
    """The registration is complete: code, credential and digests as registered.

    Takes effect at the end of the publicity, or of the last objection made in it where that
    came later. `requested_by` is the reviewer who had it
    recorded, or "clock". The log prevails over any copy of the certificate.
    """

    code: str
    case: str
    asset: str
    version: str
    holder: str
    vc_sha256: str
    manifest_sha256: str
    sha256: str
    sm3: str
    blake3: str
    chunk_root: str
    row_digest: str | None
    rights: list[str]
    valid_from: datetime
    valid_until: datetime
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class EncumbranceRecorded(Fact):
    """An asset is bound: no right on it moves until the encumbrance is lifted."""

    asset: str
    kind: str
    authority: str
    document_sha256: str


@dataclass(frozen=True, kw_only=True)
class EncumbranceLifted(Fact):
    """The encumbrance ended."""

    asset: str
    authority: str
    document_sha256: str


@dataclass(frozen=True, kw_only=True)
class CaseClaimed(Fact):
    """A reviewer took the case on."""

    reviewer: str


@dataclass(frozen=True, kw_only=True)
class CaseReleased(Fact):
    """Nobody has the case any more; `reviewer` had it."""

    reviewer: str


@dataclass(frozen=True, kw_only=True)
class CaseRemarked(Fact):
    """Somebody wrote about the case; the text is committed to and stays with the remark."""

    remark: str
    outward: bool
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class CaseItemChecked(Fact):
    """A reviewer's finding (pass, fail, na) on one item of the checklist."""

    remark: str
    item: str
    result: str
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class DurationSet(Fact):
    """From `effective_from` on a step takes so many working days, and not what began before."""

    procedure: str
    step: str
    workdays: int
    basis: str
    effective_from: date


@dataclass(frozen=True, kw_only=True)
class DayDecided(Fact):
    """The exchange said whether a coming day is a working day."""

    day: date
    works: bool
    note: str
