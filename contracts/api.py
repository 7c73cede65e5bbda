"""The contracts API: read, negotiate, sign, stop and settle up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.serializers import ReasonInput
from contracts.actions import contract as negotiation
from contracts.actions import grant as grants
from contracts.actions import objection
from contracts.actions import statement as statements
from contracts.queries.contract import contract_for, contracts_of, signing_request_for
from contracts.queries.statement import (
    countersigning_request_for,
    statement_for,
    statements_of,
)
from contracts.serializers import (
    ContractDetail,
    ContractOutput,
    SignatureInput,
    SignatureOutput,
    SigningRequestOutput,
    StatementInput,
    StatementOutput,
    StatementSignatureOutput,
    TermsInput,
)
from contracts.states import NegotiationState
from core.api import IDEMPOTENCY_KEY, PAGE_PARAMETERS, ActionInput, Endpoint, paged


class Contracts(Endpoint):
    """The contracts that the caller may see."""

    @extend_schema(
        operation_id="contracts_list", parameters=PAGE_PARAMETERS, responses=paged(ContractOutput)
    )
    def get(self, request: Request) -> Response:
        return self.page(contracts_of(self.actor), ContractOutput)


class OneContract(Endpoint):
    """One contract."""

    @extend_schema(operation_id="contracts_read", responses=ContractDetail)
    def get(self, request: Request, contract_id: str) -> Response:
        return Response(ContractDetail(contract_for(contract_id, self.actor)).data)


class ContractSigningRequest(Endpoint):
    """What the caller's side signs."""

    @extend_schema(operation_id="contracts_signing_request", responses=SigningRequestOutput)
    def get(self, request: Request, contract_id: str) -> Response:
        contract = contract_for(contract_id, self.actor)
        return Response(signing_request_for(contract, self.actor))


def changes(
    operation_id: str, body: type[ActionInput], answer: Any = ContractDetail
) -> Callable[..., Any]:
    """The schema of a verb that answers with the thing as it then stands."""
    return extend_schema(
        operation_id=operation_id,
        parameters=[IDEMPOTENCY_KEY],
        request=body,
        responses=answer,
    )


class ContractVerb(Endpoint):
    """A keyed write that answers with the contract as it then stands."""

    keyed = True

    def apply(
        self, action: Callable[..., Any], contract_id: str, shape: type[ActionInput]
    ) -> Response:
        """Parse, run `action` on the contract once, render."""
        body = self.read(shape)
        now = body.pop("effective_at")

        def effect() -> dict[str, Any]:
            action(contract_for(contract_id, self.actor), **body, by=self.actor, now=now)
            return dict(ContractDetail(contract_for(contract_id, self.actor)).data)

        return self.write(effect)


class ContractOffer(ContractVerb):
    """The seller proposes other terms."""

    @changes("contracts_offer", TermsInput)
    def post(self, request: Request, contract_id: str) -> Response:
        return self.apply(negotiation.offer, contract_id, TermsInput)


class ContractCounter(ContractVerb):
    """The buyer answers an offer with other terms."""

    @changes("contracts_counter", TermsInput)
    def post(self, request: Request, contract_id: str) -> Response:
        return self.apply(negotiation.counter, contract_id, TermsInput)


class ContractAccept(ContractVerb):
    """The buyer accepts the seller's offer."""

    @changes("contracts_accept", ActionInput)
    def post(self, request: Request, contract_id: str) -> Response:
        return self.apply(negotiation.accept, contract_id, ActionInput)


class ContractAgree(ContractVerb):
    """The seller agrees; the terms are frozen."""

    @changes("contracts_agree", ActionInput)
    def post(self, request: Request, contract_id: str) -> Response:
        return self.apply(negotiation.agree, contract_id, ActionInput)


class ContractTerminate(ContractVerb):
    """A side leaves: the negotiation while it lasts, the grant once it is concluded."""

    @changes("contracts_terminate", ReasonInput)
    def post(self, request: Request, contract_id: str) -> Response:
        concluded = contract_for(contract_id, self.actor).state == NegotiationState.FINALIZED
        room = grants if concluded else negotiation
        return self.apply(room.terminate, contract_id, ReasonInput)


class ContractSuspend(ContractVerb):
    """The seller or the exchange stops the use for the time being."""

    @changes("contracts_suspend", ReasonInput)
    def post(self, request: Request, contract_id: str) -> Response:
        return self.apply(grants.suspend, contract_id, ReasonInput)


class ContractResume(ContractVerb):
    """Whoever stopped the use lets it go on."""

    @changes("contracts_resume", ActionInput)
    def post(self, request: Request, contract_id: str) -> Response:
        return self.apply(grants.resume, contract_id, ActionInput)


class SignatureEndpoint(Endpoint):
    """Where detached signatures arrive."""

    keyed = True

    def signature(self) -> tuple[dict[str, Any], datetime | None]:
        """The signature with what its maker says about it, and the moment of effect."""
        body = self.read(SignatureInput)
        stated = {n: body[n] for n in ("purpose", "origin", "digest", "role") if n in body}
        proof = {name: body[name] for name in ("public_key", "signature")}
        return proof | {"stated": stated}, body["effective_at"]


class ContractSignatures(SignatureEndpoint):
    """Signatures of one contract."""

    @extend_schema(
        operation_id="contracts_sign",
        parameters=[IDEMPOTENCY_KEY],
        request=SignatureInput,
        responses={201: SignatureOutput},
    )
    def post(self, request: Request, contract_id: str) -> Response:
        paper, now = self.signature()

        def effect() -> dict[str, Any]:
            contract = contract_for(contract_id, self.actor)
            row = negotiation.sign(contract, **paper, by=self.actor, now=now)
            return dict(SignatureOutput(row).data)

        return self.write(effect, status=201)


class ContractStatements(Endpoint):
    """Statements of one contract."""

    keyed = True

    @extend_schema(
        operation_id="contracts_statements_list",
        parameters=PAGE_PARAMETERS,
        responses=paged(StatementOutput),
    )
    def get(self, request: Request, contract_id: str) -> Response:
        contract = contract_for(contract_id, self.actor)
        return self.page(statements_of(contract), StatementOutput, ordering="-number")

    @extend_schema(
        operation_id="contracts_statements_draw",
        parameters=[IDEMPOTENCY_KEY],
        request=StatementInput,
        responses={201: StatementOutput},
    )
    def post(self, request: Request, contract_id: str) -> Response:
        body = self.read(StatementInput)
        now = body.pop("effective_at")

        def effect() -> dict[str, Any]:
            contract = contract_for(contract_id, self.actor)
            drawn = statements.draw_statement(contract, **body, by=self.actor, now=now)
            return dict(StatementOutput(drawn).data)

        return self.write(effect, status=201)


class OneStatement(Endpoint):
    """One statement."""

    @extend_schema(operation_id="statements_read", responses=StatementOutput)
    def get(self, request: Request, statement_id: str) -> Response:
        return Response(StatementOutput(statement_for(statement_id, self.actor)).data)


class StatementVerb(Endpoint):
    """A keyed write that answers with the statement as it then stands."""

    keyed = True

    def apply(
        self, action: Callable[..., Any], statement_id: str, shape: type[ActionInput]
    ) -> Response:
        """Parse, run `action` on the statement once, render."""
        body = self.read(shape)
        now = body.pop("effective_at")

        def effect() -> dict[str, Any]:
            action(statement_for(statement_id, self.actor), **body, by=self.actor, now=now)
            return dict(StatementOutput(statement_for(statement_id, self.actor)).data)

        return self.write(effect)


class StatementObjection(StatementVerb):
    """A side that has not countersigned objects; what the statement bills stays held."""

    @changes("statements_object", ReasonInput, StatementOutput)
    def post(self, request: Request, statement_id: str) -> Response:
        return self.apply(objection.object_to, statement_id, ReasonInput)


class StatementWithdrawal(StatementVerb):
    """The side that objected takes it back."""

    @changes("statements_withdraw", ActionInput, StatementOutput)
    def post(self, request: Request, statement_id: str) -> Response:
        return self.apply(objection.withdraw, statement_id, ActionInput)


class StatementSigningRequest(Endpoint):
    """What the caller's side countersigns."""

    @extend_schema(operation_id="statements_signing_request", responses=SigningRequestOutput)
    def get(self, request: Request, statement_id: str) -> Response:
        statement = statement_for(statement_id, self.actor)
        return Response(countersigning_request_for(statement, self.actor))


class StatementSignatures(SignatureEndpoint):
    """Countersignatures of one statement."""

    @extend_schema(
        operation_id="statements_countersign",
        parameters=[IDEMPOTENCY_KEY],
        request=SignatureInput,
        responses={201: StatementSignatureOutput},
    )
    def post(self, request: Request, statement_id: str) -> Response:
        paper, now = self.signature()

        def effect() -> dict[str, Any]:
            statement = statement_for(statement_id, self.actor)
            row = statements.countersign(statement, **paper, by=self.actor, now=now)
            return dict(StatementSignatureOutput(row).data)

        return self.write(effect, status=201)
