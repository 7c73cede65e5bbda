"""Registration cases, what happens in their review, and the durations of the procedure."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import PrefixedIdField
from core.states import in_states
from registry.models.asset import Asset, AssetVersion
from registry.states import (
    CHALLENGE,
    OPEN,
    CaseState,
    ChallengeState,
    Kind,
    PossessionMethod,
    Procedure,
    RefusalGround,
    Step,
    Timed,
)

S = CaseState
SEEN_BY_REGISTRY = (
    S.SUBMITTED,
    S.RETURNED,
    S.DECLINED,
    S.ACCEPTED,
    S.PUBLICITY,
    S.ISSUED,
    S.REFUSED,
)
ENDED_WITHOUT_CERTIFICATE = (S.DECLINED, S.REFUSED, S.WITHDRAWN)


class RegistrationCase(models.Model):
    """One application for the exchange's certificate on one asset.

    Moments are those of effect. `moved_at` is the last one: nothing may be dated before
    it. Deadlines are never stored; they follow from a moment and the duration in force.
    """

    id = PrefixedIdField(prefix="reg")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="cases")
    version = models.ForeignKey(AssetVersion, models.PROTECT, related_name="cases")
    procedure = models.CharField(max_length=1, choices=Procedure.choices, default="C")
    kind = models.CharField(max_length=5, choices=Kind.choices, default="first")
    rights = models.JSONField()
    evidence_sha256 = models.CharField(max_length=64)
    term_until = models.DateField(null=True)
    state = models.CharField(max_length=9, choices=CaseState.choices, default=CaseState.DRAFT)
    round = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    consented_at = models.DateTimeField(null=True)
    possession_at = models.DateTimeField(null=True)
    possession_method = models.CharField(
        max_length=9, choices=PossessionMethod.choices, blank=True, default=""
    )
    publicised_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    refusal_ground = models.CharField(
        max_length=14, choices=RefusalGround.choices, blank=True, default=""
    )
    reason = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = _("registration case")
        verbose_name_plural = _("registration cases")
        indexes = [models.Index(fields=["state", "id"], name="case_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=in_states(OPEN), name="case_one_open_per_asset"
            ),
            models.CheckConstraint(condition=in_states(CaseState), name="case_state_known"),
            models.CheckConstraint(
                condition=~Q(state=S.DRAFT) | Q(submitted_at__isnull=True), name="case_draft"
            ),
            models.CheckConstraint(
                condition=~in_states(SEEN_BY_REGISTRY) | Q(submitted_at__isnull=False),
                name="case_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.RETURNED) | Q(returned_at__isnull=False), name="case_returned"
            ),
            models.CheckConstraint(
                condition=~in_states((S.ACCEPTED, S.PUBLICITY, S.ISSUED, S.REFUSED))
                | Q(accepted_at__isnull=False),
                name="case_accepted",
            ),
            models.CheckConstraint(
                condition=~in_states((S.PUBLICITY, S.ISSUED))
                | Q(publicised_at__isnull=False, possession_at__isnull=False),
                name="case_publicised",
            ),
            models.CheckConstraint(
                condition=Q(state=S.ISSUED, issued_at__isnull=False)
                | ~Q(state=S.ISSUED) & Q(issued_at__isnull=True),
                name="case_issued",
            ),
            models.CheckConstraint(
                condition=in_states(ENDED_WITHOUT_CERTIFICATE) & Q(closed_at__isnull=False)
                | ~in_states(ENDED_WITHOUT_CERTIFICATE) & Q(closed_at__isnull=True),
                name="case_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.REFUSED) | ~Q(refusal_ground=""), name="case_refused"
            ),
            models.CheckConstraint(
                condition=~in_states((S.REFUSED, S.DECLINED)) | ~Q(reason=""),
                name="case_reasoned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class CorrectionNotice(models.Model):
    """The one consolidated list of what has to be corrected; `items` are sentences."""

    id = PrefixedIdField(prefix="cor")
    case = models.OneToOneField(RegistrationCase, models.PROTECT, related_name="correction_notice")
    items = models.JSONField()
    reviewer = models.CharField(max_length=40)
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = _("correction notice")
        verbose_name_plural = _("correction notices")

    def __str__(self) -> str:
        return f"{self.id} on {self.case_id}"


class PossessionChallenge(models.Model):
    """Chunk indexes drawn by the server, to be answered once; sorted and distinct."""

    id = PrefixedIdField(prefix="pos")
    case = models.ForeignKey(RegistrationCase, models.PROTECT, related_name="challenges")
    version = models.ForeignKey(AssetVersion, models.PROTECT, related_name="+")
    indexes = models.JSONField()
    state = models.CharField(
        max_length=8, choices=ChallengeState.choices, default=ChallengeState.OPEN
    )
    drawn_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("possession challenge")
        verbose_name_plural = _("possession challenges")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="challenge_one_open_per_case"
            ),
            models.CheckConstraint(condition=in_states(CHALLENGE.states), name="challenge_state"),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False)
                | ~Q(state="answered") & Q(answered_at__isnull=True),
                name="challenge_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class PossessionAnswer(models.Model):
    """A verified chunk that the reviewer may look at; deleted when the case is decided."""

    challenge = models.ForeignKey(PossessionChallenge, models.CASCADE, related_name="answers")
    index = models.BigIntegerField()
    chunk = models.BinaryField()

    class Meta:
        verbose_name = _("chunk shown")
        verbose_name_plural = _("chunks shown")
        constraints = [
            models.UniqueConstraint(fields=["challenge", "index"], name="answer_once_per_index"),
        ]

    def __str__(self) -> str:
        return f"chunk {self.index} for {self.challenge_id}"


class Attestation(models.Model):
    """A reviewer's signed statement of having seen the file at the applicant's site."""

    id = PrefixedIdField(prefix="att")
    case = models.ForeignKey(RegistrationCase, models.PROTECT, related_name="attestations")
    statement = models.CharField(max_length=2000)
    statement_sha256 = models.CharField(max_length=64)
    reviewer = models.CharField(max_length=40)
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    attested_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attestation on site")
        verbose_name_plural = _("attestations on site")

    def __str__(self) -> str:
        return f"{self.id} on {self.case_id}"


class DurationRule(models.Model):
    """How many working days a step takes, on what basis, and from which day on."""

    procedure = models.CharField(max_length=1, choices=Timed.choices)
    step = models.CharField(max_length=10, choices=Step.choices)
    basis = models.CharField(max_length=120)
    effective_from = models.DateField()
    workdays = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("duration")
        verbose_name_plural = _("durations")
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "step", "basis", "effective_from"], name="duration_once"
            ),
            models.CheckConstraint(
                condition=Q(workdays__gte=1, workdays__lte=250), name="duration_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} {self.step}: {self.workdays} from {self.effective_from}"
