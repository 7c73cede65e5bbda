"""The registry over HTTP: registrations, assets, publicity and public certificates."""

from __future__ import annotations

import base64
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import organisation
from core.api import PAGE_PARAMETERS, ActionInput, Endpoint, paged
from core.errors import Invalid
from registry import actions, queries
from registry.application import Application
from registry.models import RegistrationCase
from registry.serializers import (
    ApplicationInput,
    AssetDetailOutput,
    AssetOutput,
    AttestInput,
    CaseDetailOutput,
    CaseOutput,
    CertificateCheckInput,
    CertificateCheckOutput,
    CertificateLineOutput,
    CertificateOutput,
    DeclineInput,
    EncumberInput,
    EncumbranceOutput,
    LiftInput,
    PossessionAnswerInput,
    PublicityOutput,
    RefuseInput,
    SendBackInput,
    ShownChunkOutput,
)
from tallystick.fingerprint.manifest import ManifestError
from tallystick.fingerprint.possession import ChunkAnswer


def shown(case: RegistrationCase) -> dict[str, Any]:
    """A case as JSON, as it stands now."""
    return dict(CaseDetailOutput(queries.case_detail(case, timezone.now())).data)


def application_from(body: dict[str, Any]) -> Application:
    """The application in a parsed body."""
    stated = {name: value for name, value in body.items() if name != "effective_at"}
    return Application(**stated | {"rights": tuple(stated["rights"])})


class Registrations(Endpoint):
    @extend_schema(
        operation_id="registrations_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(CaseOutput),
    )
    def get(self, request: Request) -> Response:
        """Your organisation's cases; for reviewers and regulators every submitted one."""
        return self.page(queries.cases_for(self.actor), CaseOutput)

    @extend_schema(
        operation_id="registrations_open",
        request=ApplicationInput,
        responses={201: CaseDetailOutput},
    )
    def post(self, request: Request) -> Response:
        """Draft the first registration of an asset; the manifest comes, the data stay."""
        body = self.read(ApplicationInput)

        def effect() -> dict[str, Any]:
            case = actions.open_case(
                organisation(self.actor.organisation_id),
                application=application_from(body),
                by=self.actor,
                now=body["effective_at"],
            )
            return shown(case)

        return self.write(effect, status=201)


class Registration(Endpoint):
    @extend_schema(operation_id="registrations_show", responses=CaseDetailOutput)
    def get(self, request: Request, case_id: str) -> Response:
        """One case with its deadline, its open challenge and the verbs that are possible."""
        return Response(shown(queries.case_for(case_id, self.actor)))


class Verb(Endpoint):
    """A verb whose body has the names of its action's parameters."""

    action: Any = None

    def act(self, case_id: str, serializer: Any) -> Response:
        """Call the action with the body's fields; answer the case as it then is."""
        body = self.read(serializer)
        now = body.pop("effective_at")
        case = queries.case_for(case_id, self.actor)

        def effect() -> dict[str, Any]:
            type(self).action(case, **body, by=self.actor, now=now)
            return shown(case)

        return self.write(effect)


def verb(name: str, action: Any, serializer: Any, purpose: str) -> type[Verb]:
    """The endpoint POST /registrations/{id}/<name> that calls `action`."""

    class RegistrationVerb(Verb):
        @extend_schema(
            operation_id=f"registrations_{name}",
            request=serializer,
            responses=CaseDetailOutput,
            description=purpose,
        )
        def post(self, request: Request, case_id: str) -> Response:
            return self.act(case_id, serializer)

    RegistrationVerb.action = staticmethod(action)
    RegistrationVerb.__name__ = f"Registration{name.title().replace('_', '')}"
    return RegistrationVerb


VERBS: dict[str, type[Verb]] = {
    name: verb(name, action, serializer, purpose)
    for name, action, serializer, purpose in (
        ("submit", actions.submit, ActionInput, "Hand the draft or corrected case in."),
        ("withdraw", actions.withdraw, ActionInput, "Take the case back before a decision."),
        ("send_back", actions.send_back, SendBackInput, "Give the one correction notice."),
        ("decline", actions.decline, DeclineInput, "Do not accept the application (不予受理)."),
        ("accept", actions.accept, ActionInput, "Accept the application (受理)."),
        ("consent", actions.consent_to_disclosure, ActionInput, "Agree to show a small file."),
        ("challenge", actions.draw_challenge, ActionInput, "Draw the possession challenge."),
        ("attest", actions.attest_on_site, AttestInput, "Attest possession on site."),
        ("pass", actions.pass_review, ActionInput, "Pass the review; publicity begins."),
        ("refuse", actions.refuse, RefuseInput, "Refuse the registration (不予登记)."),
        ("issue", actions.issue, ActionInput, "Issue when the publicity has ended."),
    )
}


class RegistrationAmend(Endpoint):
    @extend_schema(
        operation_id="registrations_amend", request=ApplicationInput, responses=CaseDetailOutput
    )
    def post(self, request: Request, case_id: str) -> Response:
        """Replace what a draft or returned case says."""
        body = self.read(ApplicationInput)
        case = queries.case_for(case_id, self.actor)

        def effect() -> dict[str, Any]:
            actions.amend(
                case,
                application=application_from(body),
                by=self.actor,
                now=body["effective_at"],
            )
            return shown(case)

        return self.write(effect)


class RegistrationAnswer(Endpoint):
    @extend_schema(
        operation_id="registrations_answer",
        request=PossessionAnswerInput,
        responses=CaseDetailOutput,
    )
    def post(self, request: Request, case_id: str) -> Response:
        """Answer the open possession challenge with its chunks and their paths."""
        body = self.read(PossessionAnswerInput)
        answers = [chunk_answer(n, value) for n, value in enumerate(body["answers"])]
        case = queries.case_for(case_id, self.actor)

        def effect() -> dict[str, Any]:
            actions.answer_challenge(case, answers=answers, by=self.actor, now=body["effective_at"])
            return shown(case)

        return self.write(effect)


def chunk_answer(position: int, value: dict[str, Any]) -> ChunkAnswer:
    """One chunk of the body. Raises Invalid naming its field."""
    try:
        return ChunkAnswer.from_public(dict(value))
    except ManifestError as error:
        raise Invalid(
            "answer",
            _("This chunk cannot be read: it %(reason)s.") % {"reason": error.message},
            field=f"answers[{position}].{error.field}",
        ) from error


class RegistrationChunks(Endpoint):
    @extend_schema(operation_id="registrations_chunks", responses=ShownChunkOutput(many=True))
    def get(self, request: Request, case_id: str) -> Response:
        """The chunks that were shown, for the reviewer alone; empty after the decision."""
        case = queries.case_for(case_id, self.actor)
        return Response(
            [
                {"index": a.index, "chunk": base64.b64encode(bytes(a.chunk)).decode()}
                for a in queries.answers_for(case, self.actor)
            ]
        )


class Publicity(Endpoint):
    public = True

    @extend_schema(operation_id="publicity_list", responses=PublicityOutput(many=True))
    def get(self, request: Request) -> Response:
        """What is in publicity today: applicant, name, overview and restrictions."""
        return Response(PublicityOutput(queries.publicised(timezone.now()), many=True).data)


class Assets(Endpoint):
    @extend_schema(
        operation_id="assets_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(AssetOutput),
    )
    def get(self, request: Request) -> Response:
        """Your organisation's assets; for reviewers and regulators all."""
        return self.page(queries.assets_for(self.actor), AssetOutput)


class AssetDetail(Endpoint):
    @extend_schema(operation_id="assets_show", responses=AssetDetailOutput)
    def get(self, request: Request, asset_id: str) -> Response:
        """One asset with its newest version and the certificate that is in force."""
        asset, now = queries.asset(asset_id, self.actor), timezone.now()
        certificate = queries.valid_certificate(asset, now)
        asset.version = queries.current_version(asset)
        asset.certificate_code = certificate.code if certificate else ""
        asset.encumbered = queries.encumbered(asset, now)
        return Response(AssetDetailOutput(asset).data)


class AssetEncumbrances(Endpoint):
    @extend_schema(operation_id="assets_encumbrances", responses=EncumbranceOutput(many=True))
    def get(self, request: Request, asset_id: str) -> Response:
        """What binds the asset now; usually nothing."""
        bound = queries.encumbrances_of(queries.asset(asset_id, self.actor), timezone.now())
        return Response(EncumbranceOutput(bound, many=True).data)

    @extend_schema(
        operation_id="assets_encumber",
        request=EncumberInput,
        responses={201: EncumbranceOutput},
    )
    def post(self, request: Request, asset_id: str) -> Response:
        """Bind the asset on an authority's document: administrators of the exchange."""
        body = self.read(EncumberInput)
        now, asset = body.pop("effective_at"), queries.asset(asset_id, self.actor)

        def effect() -> Any:
            bound = actions.record_encumbrance(asset, **body, by=self.actor, now=now)
            return EncumbranceOutput(bound).data

        return self.write(effect, status=201)


class EncumbranceLift(Endpoint):
    @extend_schema(operation_id="encumbrances_lift", request=LiftInput, responses=EncumbranceOutput)
    def post(self, request: Request, encumbrance_id: str) -> Response:
        """Lift an encumbrance on an authority's document: administrators of the exchange."""
        body = self.read(LiftInput)
        now, bound = body.pop("effective_at"), queries.encumbrance(encumbrance_id, self.actor)

        def effect() -> Any:
            lifted = actions.lift_encumbrance(bound, **body, by=self.actor, now=now)
            return EncumbranceOutput(lifted).data

        return self.write(effect)


class Certificates(Endpoint):
    public = True

    @extend_schema(
        operation_id="certificates_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(CertificateLineOutput),
    )
    def get(self, request: Request) -> Response:
        """Every certificate, the newest first."""
        return self.page(queries.certificates(), CertificateLineOutput)


class CertificateDetail(Endpoint):
    public = True

    @extend_schema(operation_id="certificates_show", responses=CertificateOutput)
    def get(self, request: Request, code: str) -> Response:
        """What /r/<code> shows: standing, holder, rights, digests and how far it is sealed."""
        return Response(CertificateOutput(queries.certificate_page(code)).data)


class CertificateCredential(Endpoint):
    public = True

    @extend_schema(operation_id="certificates_vc", responses={200: dict})
    def get(self, request: Request, code: str) -> Response:
        """The signed credential itself (W3C VC 2.0, eddsa-jcs-2022)."""
        return Response(queries.certificate_by_code(code).vc)


class CertificateCheck(Endpoint):
    public = True

    @extend_schema(
        operation_id="certificates_check",
        parameters=[CertificateCheckInput],
        responses=CertificateCheckOutput,
    )
    def get(self, request: Request, code: str) -> Response:
        """Whether a file of this digest and size is the registered one."""
        query = CertificateCheckInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        certificate = queries.certificate_by_code(code)
        differs = queries.differences(certificate.version, **query.validated_data)
        answer = {
            "code": code,
            "matches": not differs,
            "standing": queries.standing(certificate, timezone.now()),
            "differs": differs,
        }
        return Response(CertificateCheckOutput(answer).data)
