"""Negotiating and signing contracts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from contracts import events, rules, signatures
from contracts import terms as values
from contracts.chronology import require_order
from contracts.models import Contract, Grant, Offer, Signature
from contracts.policy import Policy, explain_widening, within
from contracts.queries.contract import refs_of
from contracts.queries.deadline import require_signature_in_time
from contracts.signatures import Stated
from contracts.states import NEGOTIATION, Role
from contracts.terms import Terms
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import Fact, record
from core.states import advance
from core.time import effective_time
from core.verdicts import require


def request(terms: Terms, *, by: Actor, now: datetime | None = None) -> Contract:
    """The buyer asks for a contract on these terms.

    Raises Invalid for terms that do not hold together or name another exchange,
    Conflict when a contract with the very same terms exists. Records ContractRequested.
    """
    terms = values.validated(terms)
    if terms.origin != settings.LOG_ORIGIN:
        raise Invalid("terms-origin", _("These terms name another exchange."), field="origin")
    seller = accounts.organisation(terms.seller.id)
    buyer = accounts.organisation(terms.buyer.id)
    at = effective_time(now, by=by, parties=[seller, buyer])
    with transaction.atomic():
        require(rules.may_request(by, seller, buyer))
        require_unused(terms.digest)
        contract = Contract.objects.create(
            seller=seller,
            buyer=buyer,
            terms=terms.canonical(),
            digest=terms.digest,
            requested_at=at,
        )
        propose(contract, Role.BUYER, at)
        say(contract, requested(contract, 1), by=by, now=now)
    return contract


def counter(
    contract: Contract, *, terms: Terms, by: Actor, now: datetime | None = None
) -> Contract:
    """The buyer answers an offer with other terms. Records ContractRequested."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_counter(by, contract))
        number = replace_terms(contract, "request", Role.BUYER, terms, at)
        say(contract, requested(contract, number), by=by, now=now)
    return contract


def offer(contract: Contract, *, terms: Terms, by: Actor, now: datetime | None = None) -> Contract:
    """The seller answers a request with other terms. Records ContractOffered."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_offer(by, contract))
        number = replace_terms(contract, "offer", Role.SELLER, terms, at)
        fact = events.ContractOffered(contract=contract.id, digest=contract.digest, number=number)
        say(contract, fact, by=by, now=now)
    return contract


def accept(contract: Contract, *, by: Actor, now: datetime | None = None) -> Contract:
    """The buyer accepts the seller's offer. Records ContractAccepted."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_accept(by, contract))
        require_order(at, last_proposal(contract).made_at)
        advance(contract, NEGOTIATION, "accept")
        fact = events.ContractAccepted(contract=contract.id, digest=contract.digest)
        say(contract, fact, by=by, now=now)
    return contract


def agree(contract: Contract, *, by: Actor, now: datetime | None = None) -> Contract:
    """The seller agrees: the terms are frozen and wait for signatures. Records ContractAgreed."""
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_agree(by, contract))
        require_order(at, last_proposal(contract).made_at)
        advance(contract, NEGOTIATION, "agree", agreed_at=at)
        fact = events.ContractAgreed(contract=contract.id, digest=contract.digest)
        say(contract, fact, by=by, now=now)
    return contract


def sign(
    contract: Contract,
    *,
    public_key: str,
    signature: str,
    by: Actor,
    stated: Stated | None = None,
    now: datetime | None = None,
) -> Signature:
    """The actor's side signs the contract's digest: first the buyer, then the seller.

    `stated` is what the signer says to have signed, None when it says nothing. The same
    signature again returns the row that stands and records nothing. Raises what
    `signatures.verified` raises, WrongState when it is not this side's turn, Conflict when
    it is overdue. The seller's signature finalizes the contract and makes its pending
    grant. Records ContractSigned, and then ContractFinalized.
    """
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_sign(by, contract))
        role, party = contract.side_of(by.organisation_id)
        standing = contract.signatures.filter(role=role).first()
        if standing and signatures.repeats(standing, public_key, signature):
            return standing
        verb = "verify" if role == Role.BUYER else "finalize"
        NEGOTIATION.target(contract.state, verb)
        require_order(at, contract.agreed_at, contract.verified_at)
        require_signature_in_time(contract, at)
        statement = signatures.Statement(signatures.CONTRACT, contract.digest, role)
        checked = signatures.verified(party, statement, public_key, signature, stated, at=at)
        row = Signature.objects.create(contract=contract, role=role, signed_at=at, **checked)
        stamp = "verified_at" if role == Role.BUYER else "finalized_at"
        advance(contract, NEGOTIATION, verb, **{stamp: at})
        say(contract, signed(row, contract), by=by, now=now)
        if role == Role.SELLER:
            finalize(contract, by=by, now=now)
    return row


def finalize(contract: Contract, *, by: Actor, now: datetime | None) -> None:
    """Make the pending grant of a contract that both have signed; part of `sign`."""
    terms = contract.terms_value
    grant = Grant.objects.create(
        contract=contract, starts_at=terms.starts_at, ends_at=terms.ends_at
    )
    fact = events.ContractFinalized(contract=contract.id, digest=contract.digest, grant=grant.id)
    say(contract, fact, by=by, now=now, more=[grant.id])


def terminate(
    contract: Contract, *, reason: str, by: Actor, now: datetime | None = None
) -> Contract:
    """Break a negotiation off: either side, until both have signed. Records ContractTerminated.

    Raises Conflict when a signature is overdue: the contract is over then. A concluded
    contract is ended through its grant (`actions.grant.terminate`).
    """
    at = effective_time(now, by=by, parties=[contract.seller, contract.buyer])
    with transaction.atomic():
        contract = locked(contract)
        require(rules.may_terminate(by, contract))
        require_order(at, last_proposal(contract).made_at, contract.agreed_at, contract.verified_at)
        require_signature_in_time(contract, at)
        advance(contract, NEGOTIATION, "terminate", terminated_at=at, termination_reason=reason)
        fact = events.ContractTerminated(
            contract=contract.id,
            digest=contract.digest,
            role=str(contract.role_of(by.organisation_id)),
            reason=reason,
        )
        say(contract, fact, by=by, now=now)
    return contract


def locked(contract: Contract) -> Contract:
    """The contract as it stands now, locked until the transaction ends."""
    rows = Contract.objects.select_for_update(of=("self",))
    return rows.select_related("seller", "buyer").get(pk=contract.pk)


def require_unused(digest: str) -> None:
    """Raises Conflict when a contract with this digest exists: a signature must name one only."""
    if Contract.objects.filter(digest=digest).exists():
        raise Conflict(
            "terms-already-used",
            _("There is a contract with exactly these terms already."),
            remedy=_("Give the terms a reference of their own."),
            digest=digest,
        )


def replace_terms(contract: Contract, verb: str, role: Role, proposed: Terms, at: datetime) -> int:
    """Move by `verb` with new terms; the number of the proposal. Raises Invalid, Conflict."""
    proposed = values.validated(proposed)
    NEGOTIATION.target(contract.state, verb)
    if not proposed.revises(contract.terms_value):
        raise Invalid(
            "terms-fixed",
            _("A proposal changes meters, policy or term, and nothing else."),
            field="terms",
        )
    require_within(proposed.policy, reviewed_policy(contract))
    require_unused(proposed.digest)
    require_order(at, last_proposal(contract).made_at)
    advance(contract, NEGOTIATION, verb, terms=proposed.canonical(), digest=proposed.digest)
    return propose(contract, role, at)


def reviewed_policy(contract: Contract) -> Policy:
    """The policy as it was reviewed: that of the first request, which an order makes out of
    the listed product's policy and one of its reviewed scenarios."""
    return values.parse(contract.offers.get(number=1).terms).policy


def require_within(offered: Policy, reviewed: Policy) -> None:
    """Raises Invalid naming each constraint that the offered policy widens."""
    found = within(offered, reviewed)
    if found:
        return
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    reasons = " ".join(explain_widening(one, language) for one in found.widened)
    raise Invalid(
        "policy-widened",
        _("A proposal stays within the reviewed policy: %(reasons)s") % {"reasons": reasons},
        basis="交易所交易规则 无场景不交易",
        remedy=_("Narrow the policy, or have the product reviewed with the wider one."),
        field=f"policy.{found.widened[0].rule}",
        widened=[one.data() for one in found.widened],
    )


def propose(contract: Contract, role: Role, at: datetime) -> int:
    """Keep the contract's present terms as its next proposal; the number of it."""
    number = contract.offers.count() + 1
    Offer.objects.create(
        contract=contract,
        number=number,
        role=role,
        terms=contract.terms,
        digest=contract.digest,
        made_at=at,
    )
    return number


def last_proposal(contract: Contract) -> Offer:
    """The proposal whose terms the contract carries."""
    return contract.offers.latest("number")


def requested(contract: Contract, number: int) -> Fact:
    """The fact that the buyer's proposal `number` is made."""
    return events.ContractRequested(
        contract=contract.id,
        digest=contract.digest,
        seller=contract.seller_id,
        buyer=contract.buyer_id,
        template=contract.terms["template"],
        product=contract.terms["product"]["id"],
        asset=contract.terms["asset"]["id"],
        number=number,
    )


def signed(row: Signature, contract: Contract) -> Fact:
    """The fact of a signature."""
    return events.ContractSigned(
        contract=contract.id,
        digest=contract.digest,
        role=str(row.role),
        public_key=row.public_key,
        signature=row.signature,
    )


def say(
    contract: Contract,
    fact: Fact,
    *,
    by: Actor,
    now: datetime | None,
    more: list[Any] | None = None,
) -> None:
    """Record a fact about the contract, its goods and its parties."""
    record(
        fact,
        by=by,
        about=[*refs_of(contract), *(more or [])],
        parties=[contract.seller, contract.buyer],
        effective_at=now,
    )
