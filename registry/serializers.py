"""Shapes of the registry's JSON: bodies that come in, objects that go out."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import ActionInput, Input, Query
from core.http import MAX_INTEGER
from ledger.queries import seal_status
from registry import states

HEX64 = r"^[0-9a-f]{64}$"


def digest(**kwargs):
    """A SHA-256 in lower-case hex."""
    return serializers.RegexField(HEX64, max_length=64, **kwargs)


class ApplicationInput(ActionInput):
    name = serializers.CharField(max_length=40)
    overview = serializers.CharField(max_length=400)
    industry = serializers.RegexField(r"^[A-T]\d{2}$", max_length=3)
    source_kind = serializers.ChoiceField(states.SourceKind.choices)
    spatial = serializers.CharField(max_length=80)
    temporal_from = serializers.DateField()
    temporal_to = serializers.DateField()
    update_frequency = serializers.ChoiceField(states.UpdateFrequency.choices)
    form = serializers.ChoiceField(states.Form.choices)
    restrictions = serializers.CharField(max_length=200)
    rights = serializers.ListField(
        child=serializers.ChoiceField(states.Right.choices), min_length=1, max_length=3
    )
    evidence_sha256 = digest()
    term_until = serializers.DateField(required=False, allow_null=True, default=None)
    manifest = serializers.DictField()


class SendBackInput(ActionInput):
    items = serializers.ListField(
        child=serializers.CharField(max_length=400), min_length=1, max_length=30
    )


class DeclineInput(ActionInput):
    reason = serializers.CharField(max_length=1000)


class RefuseInput(DeclineInput):
    ground = serializers.ChoiceField(states.RefusalGround.choices)


class ChunkInput(Input):
    index = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER)
    chunk = serializers.CharField(max_length=87_384)
    path = serializers.ListField(child=digest(), max_length=64)


class PossessionAnswerInput(ActionInput):
    answers = serializers.ListField(child=ChunkInput(), min_length=1, max_length=3)


class AttestInput(ActionInput):
    statement = serializers.CharField(max_length=2000, trim_whitespace=False)
    public_key = digest()
    signature = serializers.RegexField(r"^[0-9a-f]{128}$", max_length=128)


class LiftInput(ActionInput):
    authority = serializers.CharField(max_length=120)
    document_sha256 = digest()


class EncumberInput(LiftInput):
    kind = serializers.ChoiceField(states.EncumbranceKind.choices)


class CertificateCheckInput(Query):
    sha256 = digest()
    size = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER)


class RegistrationPartyOutput(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    uscc = serializers.CharField()
    demo = serializers.BooleanField(source="is_demo")


class AssetOutput(serializers.Serializer):
    id = serializers.CharField()
    holder = RegistrationPartyOutput()
    name = serializers.CharField()
    overview = serializers.CharField()
    industry = serializers.CharField()
    source_kind = serializers.ChoiceField(states.SourceKind.choices)
    spatial = serializers.CharField()
    temporal_from = serializers.DateField()
    temporal_to = serializers.DateField()
    update_frequency = serializers.ChoiceField(states.UpdateFrequency.choices)
    form = serializers.ChoiceField(states.Form.choices)
    restrictions = serializers.CharField()


class AssetVersionOutput(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.IntegerField()
    manifest_sha256 = serializers.CharField()
    manifest = serializers.DictField()


class AssetDetailOutput(AssetOutput):
    version = AssetVersionOutput(allow_null=True)
    certificate_code = serializers.CharField(allow_blank=True)
    encumbered = serializers.BooleanField()


class CaseOutput(serializers.Serializer):
    id = serializers.CharField()
    state = serializers.ChoiceField(states.CaseState.choices)
    procedure = serializers.CharField()
    kind = serializers.CharField()
    round = serializers.IntegerField()
    name = serializers.CharField(source="asset.name")
    asset = serializers.CharField(source="asset_id")
    version = serializers.CharField(source="version_id")
    holder = RegistrationPartyOutput(source="asset.holder")
    opened_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    publicised_at = serializers.DateTimeField(allow_null=True)
    issued_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class CaseDeadlineOutput(serializers.Serializer):
    step = serializers.ChoiceField(states.Step.choices)
    at = serializers.DateTimeField()
    provisional = serializers.BooleanField()
    workdays = serializers.IntegerField()
    workdays_left = serializers.IntegerField()
    overdue = serializers.BooleanField()
    basis = serializers.CharField()


class PossessionChallengeOutput(serializers.Serializer):
    id = serializers.CharField(source="challenge.id")
    indexes = serializers.ListField(child=serializers.IntegerField(), source="challenge.indexes")
    drawn_at = serializers.DateTimeField(source="challenge.drawn_at")
    answer_by = serializers.DateTimeField(source="answer_by.at")
    provisional = serializers.BooleanField(source="answer_by.provisional")


class CaseDetailOutput(serializers.Serializer):
    case = CaseOutput()
    asset = AssetOutput(source="case.asset")
    version = AssetVersionOutput(source="case.version")
    rights = serializers.ListField(child=serializers.CharField(), source="case.rights")
    evidence_sha256 = serializers.CharField(source="case.evidence_sha256")
    term_until = serializers.DateField(source="case.term_until", allow_null=True)
    deadline = CaseDeadlineOutput(allow_null=True)
    challenge = serializers.SerializerMethodField()
    possession_at = serializers.DateTimeField(source="case.possession_at", allow_null=True)
    possession_method = serializers.CharField(source="case.possession_method", allow_blank=True)
    correction = serializers.ListField(child=serializers.CharField())
    refusal_ground = serializers.CharField(source="case.refusal_ground", allow_blank=True)
    refusal_basis = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(source="case.reason", allow_blank=True)
    certificate_code = serializers.CharField(allow_blank=True)
    possible = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(PossessionChallengeOutput(allow_null=True))
    def get_challenge(self, detail):
        return PossessionChallengeOutput(detail).data if detail.challenge else None


class ShownChunkOutput(serializers.Serializer):
    index = serializers.IntegerField()
    chunk = serializers.CharField(help_text="Base64.")


class PublicityContentOutput(serializers.Serializer):
    applicant = serializers.CharField()
    name = serializers.CharField()
    overview = serializers.CharField()
    restrictions = serializers.CharField()


class PublicityOutput(serializers.Serializer):
    content = PublicityContentOutput(source="*")
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    provisional = serializers.BooleanField()


class ObjectInput(ActionInput):
    ground = serializers.ChoiceField(states.RefusalGround.choices)
    text = serializers.CharField(max_length=1000)
    evidence_sha256 = digest()


class TitleObjectionOutput(serializers.Serializer):
    id = serializers.CharField()
    registration = serializers.CharField(source="case_id")
    objector = serializers.CharField(source="objector_id")
    ground = serializers.ChoiceField(states.RefusalGround.choices)
    text = serializers.CharField()
    evidence_sha256 = serializers.CharField()
    state = serializers.ChoiceField(states.ObjectionState.choices)
    filed_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class EncumbranceOutput(serializers.Serializer):
    id = serializers.CharField()
    asset = serializers.CharField(source="asset_id")
    kind = serializers.ChoiceField(states.EncumbranceKind.choices)
    authority = serializers.CharField()
    document_sha256 = serializers.CharField()
    state = serializers.ChoiceField(states.EncumbranceState.choices)
    since = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)


class CertificateLineOutput(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField(source="asset.name")
    holder = serializers.CharField(source="asset.holder.name")
    demo = serializers.BooleanField(source="asset.holder.is_demo")
    size_bytes = serializers.IntegerField(source="version.size_bytes")
    row_count = serializers.IntegerField(source="version.row_count", allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()


class RightRowOutput(serializers.Serializer):
    holder = serializers.CharField()
    uscc = serializers.CharField()
    hold = serializers.BooleanField()
    use = serializers.BooleanField()
    operate = serializers.BooleanField()
    term_from = serializers.DateTimeField()
    term_to = serializers.DateTimeField()
    ground = serializers.CharField()
    basis = serializers.CharField()


class ContentDigestOutput(serializers.Serializer):
    algorithm = serializers.CharField()
    hex = serializers.CharField()


class SealStatusOutput(serializers.Serializer):
    stage = serializers.ChoiceField(["unsealed", "sequenced", "signed", "anchored"])
    index = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    local = serializers.BooleanField()


class CertificateOutput(serializers.Serializer):
    code = serializers.CharField()
    standing = serializers.ChoiceField(states.Standing.choices)
    agrees = serializers.BooleanField(help_text="The stored certificate is the one in the log.")
    demo = serializers.BooleanField()
    certificate = serializers.CharField(source="certificate.id")
    asset = AssetOutput()
    issuer = RegistrationPartyOutput()
    version = serializers.CharField(source="certificate.version_id")
    valid_from = serializers.DateTimeField(source="certificate.valid_from")
    valid_until = serializers.DateTimeField(source="certificate.valid_until")
    size_bytes = serializers.IntegerField()
    row_count = serializers.IntegerField(allow_null=True)
    columns = serializers.ListField(child=serializers.CharField())
    rights = RightRowOutput(many=True)
    remarks = serializers.ListField(child=serializers.CharField())
    digests = serializers.SerializerMethodField()
    manifest_sha256 = serializers.CharField()
    vc_sha256 = serializers.CharField()
    event = serializers.CharField(source="event_id")
    recorded_at = serializers.DateTimeField()
    seal = serializers.SerializerMethodField()
    address = serializers.CharField()

    @extend_schema_field(ContentDigestOutput(many=True))
    def get_digests(self, page):
        return [{"algorithm": name, "hex": value} for name, value in page.digests]

    @extend_schema_field(SealStatusOutput)
    def get_seal(self, page):
        return SealStatusOutput(seal_status(page.event_id)).data


class CertificateCheckOutput(serializers.Serializer):
    code = serializers.CharField()
    matches = serializers.BooleanField()
    standing = serializers.ChoiceField(states.Standing.choices)
    differs = serializers.ListField(child=serializers.CharField())
