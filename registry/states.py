"""What may happen next to a case, a challenge, an encumbrance and a certificate."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.states import Machine


class CaseState(models.TextChoices):
    """Where a registration case stands."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned for correction")
    DECLINED = "declined", _("not accepted")
    ACCEPTED = "accepted", _("accepted, in review")
    PUBLICITY = "publicity", _("in publicity")
    ISSUED = "issued", _("certificate issued")
    REFUSED = "refused", _("registration refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


C = CaseState
IN_PROCESS = (C.SUBMITTED, C.RETURNED, C.ACCEPTED, C.PUBLICITY)
OPEN = (C.DRAFT, *IN_PROCESS)

# The rows that lead back to their own state are acts of the review: they need the state
# and must not race with its end.
CASE = Machine(
    noun=gettext_noop("registration case"),
    states=CaseState,
    initial=(C.DRAFT,),
    table=(
        (C.DRAFT, "amend", C.DRAFT),
        (C.DRAFT, "submit", C.SUBMITTED),
        (C.DRAFT, "withdraw", C.WITHDRAWN),
        (C.SUBMITTED, "send_back", C.RETURNED),
        (C.SUBMITTED, "decline", C.DECLINED),
        (C.SUBMITTED, "accept", C.ACCEPTED),
        (C.SUBMITTED, "withdraw", C.WITHDRAWN),
        (C.RETURNED, "amend", C.RETURNED),
        (C.RETURNED, "submit", C.SUBMITTED),
        (C.RETURNED, "withdraw", C.WITHDRAWN),
        (C.ACCEPTED, "consent", C.ACCEPTED),
        (C.ACCEPTED, "challenge", C.ACCEPTED),
        (C.ACCEPTED, "answer", C.ACCEPTED),
        (C.ACCEPTED, "attest", C.ACCEPTED),
        (C.ACCEPTED, "pass", C.PUBLICITY),
        (C.ACCEPTED, "refuse", C.REFUSED),
        (C.ACCEPTED, "withdraw", C.WITHDRAWN),
        (C.PUBLICITY, "issue", C.ISSUED),
        (C.PUBLICITY, "refuse", C.REFUSED),
        (C.PUBLICITY, "withdraw", C.WITHDRAWN),
    ),
    words={
        "amend": _("amend"),
        "submit": _("submit"),
        "withdraw": _("withdraw"),
        "send_back": _("send back"),
        "decline": _("decline the application"),
        "accept": _("accept the application"),
        "consent": _("agree to disclosure"),
        "challenge": _("draw a challenge"),
        "answer": _("answer the challenge"),
        "attest": _("attest on site"),
        "pass": _("pass the review"),
        "refuse": _("refuse the registration"),
        "issue": _("issue the certificate"),
    },
)


class ChallengeState(models.TextChoices):
    """Where a possession challenge stands; that its time is over is derived."""

    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered")
    VOID = "void", _("void")


CHALLENGE = Machine(
    noun=gettext_noop("possession challenge"),
    states=ChallengeState,
    initial=(ChallengeState.OPEN,),
    table=(
        (ChallengeState.OPEN, "answer", ChallengeState.ANSWERED),
        (ChallengeState.OPEN, "void", ChallengeState.VOID),
    ),
    words={
        "answer": _("answer the challenge"),
        "void": _("void the challenge"),
    },
)


class EncumbranceState(models.TextChoices):
    """Whether an encumbrance still binds."""

    IN_FORCE = "in_force", _("in force")
    LIFTED = "lifted", _("lifted")


ENCUMBRANCE = Machine(
    noun=gettext_noop("encumbrance"),
    states=EncumbranceState,
    initial=(EncumbranceState.IN_FORCE,),
    table=((EncumbranceState.IN_FORCE, "lift", EncumbranceState.LIFTED),),
    words={
        "lift": _("lift the encumbrance"),
    },
)


class ObjectionState(models.TextChoices):
    """Where an objection to a registration in publicity stands."""

    OPEN = "open", _("awaiting its decision")
    UPHELD = "upheld", _("upheld")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed with the case")


OBJECTION = Machine(
    noun=gettext_noop("objection"),
    states=ObjectionState,
    initial=(ObjectionState.OPEN,),
    table=(
        (ObjectionState.OPEN, "uphold", ObjectionState.UPHELD),
        (ObjectionState.OPEN, "reject", ObjectionState.REJECTED),
        (ObjectionState.OPEN, "withdraw", ObjectionState.WITHDRAWN),
        (ObjectionState.OPEN, "lapse", ObjectionState.LAPSED),
    ),
    words={
        "uphold": _("uphold the objection"),
        "reject": _("reject the objection"),
        "withdraw": _("withdraw"),
        "lapse": _("let the objection lapse"),
    },
)


class CertificateState(models.TextChoices):
    """The stored state. That a certificate has expired is derived, never stored."""

    VALID = "valid", _("valid")


CERTIFICATE = Machine(
    noun=gettext_noop("certificate"),
    states=CertificateState,
    initial=(CertificateState.VALID,),
    table=(),
)


class Standing(models.TextChoices):
    """What a certificate is worth at a moment: its state and its term together."""

    VALID = "valid", _("in force")
    EXPIRED = "expired", _("expired")
    NOT_YET = "not_yet", _("not yet in force")


class Procedure(models.TextChoices):
    """Which registration it is; the national procedures have registries of their own."""

    EXCHANGE = "C", _("exchange registration")


class Kind(models.TextChoices):
    """What the registration does."""

    FIRST = "first", _("first registration")


class Step(models.TextChoices):
    """The steps of a procedure that have a duration."""

    ACCEPTANCE = "acceptance", _("acceptance")
    REVIEW = "review", _("review")
    POSSESSION = "possession", _("answer to the possession challenge")
    PUBLICITY = "publicity", _("publicity")
    OBJECTION = "objection", _("decision on an objection")


class Timed(models.TextChoices):
    """The procedures whose steps have durations: registration, and the exchange's own reviews."""

    EXCHANGE = "C", _("exchange registration")
    LISTING = "L", _("listing of a product")
    ADMISSION = "M", _("admission of a member")


TIMED: dict[Timed, tuple[Step, ...]] = {
    Timed.EXCHANGE: (
        Step.ACCEPTANCE,
        Step.REVIEW,
        Step.POSSESSION,
        Step.PUBLICITY,
        Step.OBJECTION,
    ),
    Timed.LISTING: (Step.REVIEW,),
    Timed.ADMISSION: (Step.REVIEW,),
}


class SourceKind(models.TextChoices):
    """Where data come from. Source: 国数综政策〔2026〕35号 annex 1."""

    COLLECTED = "collected", _("collected or generated")
    CRAWLED = "crawled", _("public data gathered by program")
    AGREEMENT = "agreement", _("obtained by agreement")
    DERIVED = "derived", _("derived by own creation")


class Right(models.TextChoices):
    """The three registrable rights. Source: 国数综政策〔2026〕35号 article 15."""

    HOLD = "hold", _("right to hold data")
    USE = "use", _("right to use data")
    OPERATE = "operate", _("right to operate data")


class UpdateFrequency(models.TextChoices):
    """How often the data are renewed. Source: 国数综政策〔2026〕35号 annex 1."""

    DAILY = "daily", _("daily")
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")
    YEARLY = "yearly", _("yearly")
    ON_DEMAND = "on_demand", _("on demand")
    REAL_TIME = "real_time", _("in real time")
    OTHER = "other", _("other")


class Form(models.TextChoices):
    """What the data consist of. Source: 国数综政策〔2026〕35号 annex 1."""

    TABLE = "table", _("table")
    TEXT = "text", _("text")
    IMAGE = "image", _("images")
    VIDEO = "video", _("video")
    AUDIO = "audio", _("audio")
    OTHER = "other", _("other")


class RefusalGround(models.TextChoices):
    """The five grounds on which a registration is refused (不予登记)."""

    HARM = "harm", _("harms the state, the public or others")
    ILLEGAL_SOURCE = "illegal_source", _("the source is unlawful")
    DISPUTE = "dispute", _("an unresolved dispute about the rights")
    FALSEHOOD = "falsehood", _("concealment or false proof")
    LAW = "law", _("another bar in law")


class PossessionMethod(models.TextChoices):
    """How the applicant showed to have the file."""

    CHALLENGE = "challenge", _("chunks of the file")
    ON_SITE = "on_site", _("attested on site")


# A challenge asks for so many chunks, or for all of a smaller file, which is then seen whole.
CHUNKS_DRAWN = 3


class EncumbranceKind(models.TextChoices):
    """Remarks that bind an asset. Source: 国数综政策〔2026〕35号 article 23."""

    PRESERVATION = "preservation", _("judicial preservation")
    ADMINISTRATIVE = "administrative", _("administrative control")
    STATUTORY = "statutory", _("statutory restriction")
    PLEDGE = "pledge", _("pledge")
    OTHER = "other", _("other")
