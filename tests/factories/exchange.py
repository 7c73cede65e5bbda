"""An exchange at work: who can call its API, and one thing in each state that a verb needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import actions as people
from accounts.models import Organisation
from accounts.queries import user
from accounts.states import Role
from contracts.actions import contract as negotiation
from contracts.actions import grant as grants
from contracts.actions import objection
from contracts.actions import statement as statements
from core.actors import Actor
from core.deliveries import deliver_due
from core.models import Event
from marketplace.actions import orders
from marketplace.states import ProductState
from registry import actions as registrations
from registry.states import CaseState
from tallystick import keys
from tallystick.digests import sha256_hex
from tests.factories import accounts, contracts, marketplace, registry, supervision
from tests.factories.contracts import Deal
from tests.factories.marketplace import Stall, Trade

ROLES = ("visitor", "seller", "buyer", "stranger", "reviewer", "administrator", "auditor")


@dataclass
class Exchange:
    """`actors` and their API `tokens` by role, ids of things by name, parts of bodies by name.

    A visitor is neither an actor nor has a token. A stranger is a member of a qualified
    enterprise that has no part in anything; the auditor is a regulator's.
    """

    seller: Organisation
    buyer: Organisation
    service: Organisation
    actors: dict[str, Actor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)


def make_world(folder: Path) -> Exchange:
    """Everything at once; the log is sealed on a chain kept in `folder`."""
    exchange = accounts.make_exchange()
    registry.make_exchange_key()
    world = Exchange(accounts.make_seller(), accounts.make_buyer(), accounts.make_service())
    reviewer = accounts.make_member(exchange, Role.REVIEWER, Role.SIGNER)
    regulator = accounts.make_regulator()
    world.actors = {
        "seller": accounts.actor_of(world.seller),
        "buyer": accounts.actor_of(world.buyer),
        "stranger": accounts.actor_of(accounts.make_buyer()),
        "reviewer": reviewer,
        "administrator": accounts.make_administrator(),
        "auditor": accounts.actor_of(regulator),
    }
    for role, organisation in (("seller", world.seller), ("buyer", world.buyer)):
        world.private[role], key = accounts.enrol(organisation)
        world.public[role] = key.public_key
        world.ids[f"{role}-key"] = key.pk
    add_organisations(world)
    add_cases(world)
    add_products(world)
    add_orders(world)
    add_contracts(world)
    add_tokens(world)
    seals = supervision.open_log(folder)
    seals.anchor()
    world.ids["event"] = Event.objects.order_by("id").values_list("id", flat=True)[0]
    return world


def add_tokens(world: Exchange) -> None:
    """One API key for each role, and the id of the seller's."""
    for role, actor in world.actors.items():
        world.tokens[role] = accounts.make_actor_key(actor)
    key, _token = accounts.make_api_key(world.seller)
    world.ids["api-key"] = key.pk


def add_organisations(world: Exchange) -> None:
    """An applicant, a suspended member, the seller's second member, a challenge for a key."""
    world.ids |= {
        "seller": world.seller.pk,
        "buyer": world.buyer.pk,
        "service": world.service.pk,
        "applicant": accounts.make_applicant().pk,
        "suspended": make_suspended().pk,
        "clerk": accounts.make_member(world.seller, Role.TRADER).user_id,
    }
    newcomer = accounts.make_user()
    stranger = user(world.actors["stranger"].user_id)
    invited = people.invite(
        world.seller, email=stranger.email, roles=[Role.TRADER], by=world.actors["seller"]
    )
    world.ids["invitation"] = invited.pk
    private, public = accounts.make_private_key()
    challenge = people.challenge_key(world.seller, public_key=public, by=world.actors["seller"])
    answer = keys.prove_possession(
        private,
        origin=settings.LOG_ORIGIN,
        challenge=challenge.nonce,
        document_sha256=challenge.document_sha256,
    )
    world.parts |= {
        "uscc": accounts.make_uscc(),
        "email": newcomer.email,
        "clerk-email": user(world.ids["clerk"]).email,
        "enrolment": {"public_key": public, "signature": answer.hex()},
        "public-key": accounts.make_private_key()[1],
    }


def make_suspended() -> Organisation:
    """An enterprise that may not act for now."""
    return people.suspend(accounts.make_buyer(), reason="测试原因。", by=accounts.make_reviewer())


def add_cases(world: Exchange) -> None:
    """A registration in each state, the statement a reviewer signs, an encumbered asset."""
    by_state = {state: registry.Story(world.seller) for state in CaseState}
    for state, story in by_state.items():
        story.to(state)
        world.ids[f"case-{state}"] = story.case.pk
    proven = registry.Story(world.seller)
    for step in ("submit", "accept", "prove"):
        getattr(proven, step)()
    world.ids["case-proven"] = proven.case.pk
    challenged = registry.Story(world.seller).submit().accept()
    registrations.draw_challenge(challenged.case, by=challenged.reviewer)
    answers = registry.answers_to(challenged.case, challenged.path)
    world.ids["case-challenged"] = challenged.case.pk
    small = registry.Story(world.seller, path=registry.make_file(chunks=2)).submit().accept()
    world.ids["case-small"] = small.case.pk
    world.parts |= {
        "application": application_body(),
        "answers": [answer.public() for answer in answers],
        "attestation": attestation(world, by_state[CaseState.ACCEPTED]),
    }
    certificate = by_state[CaseState.ISSUED].case.certificate
    bound = registrations.record_encumbrance(
        certificate.asset,
        kind="pledge",
        authority="示例法院",
        document_sha256="ab" * 32,
        by=world.actors["administrator"],
    )
    world.ids |= {"certificate": certificate.code, "asset": certificate.asset_id, "bound": bound.pk}
    world.ids["version"] = certificate.version_id
    contested, contestable = (registry.Story(world.seller, workdays=3) for _ in range(2))
    for story in (contested, contestable):
        story.to(CaseState.PUBLICITY)
    world.ids["case-contestable"] = contestable.case.pk
    objection = registrations.object_to(
        contested.case,
        ground="dispute",
        text="数据由我方采集。",
        evidence_sha256="ab" * 32,
        by=world.actors["buyer"],
    )
    world.ids |= {"case-contested": contested.case.pk, "objection": objection.pk}
    world.parts["file"] = by_state[CaseState.ISSUED].path.read_bytes()


def application_body() -> dict[str, Any]:
    """An application on a new file, as a client sends it."""
    stated = registry.make_application()
    names = (*stated.description(), "rights", "evidence_sha256", "manifest")
    body = {name: getattr(stated, name) for name in names}
    return body | {name: body[name].isoformat() for name in ("temporal_from", "temporal_to")}


def attestation(world: Exchange, story: registry.Story) -> dict[str, str]:
    """What the reviewer signs after a look at the story's file."""
    private, public = accounts.make_private_key()
    exchange, by = accounts.make_exchange(), world.actors["reviewer"]
    challenge = people.challenge_key(exchange, public_key=public, by=by)
    answer = keys.prove_possession(
        private,
        origin=settings.LOG_ORIGIN,
        challenge=challenge.nonce,
        document_sha256=challenge.document_sha256,
    )
    people.enrol_key(exchange, public_key=public, signature=answer.hex(), by=by)
    statement = f"现场核验文件，SHA-256 为 {story.case.version.sha256}。"
    signature = keys.sign_statement(
        private,
        purpose="attestation",
        origin=settings.LOG_ORIGIN,
        digest=sha256_hex(statement.encode()),
        role="reviewer",
    )
    return {"statement": statement, "public_key": public, "signature": signature.hex()}


def make_stall(world: Exchange) -> Stall:
    """A draft of the world's seller that the world's reviewer will review."""
    stall = marketplace.make_stall(world.seller)
    stall.reviewer = world.actors["reviewer"]
    return stall


def add_products(world: Exchange) -> None:
    """A product in each state, and a recommended one that somebody else reviewed."""
    for state in ProductState:
        stall = make_stall(world)
        stall.to(state)
        world.ids |= {
            f"product-{state}": stall.product.pk,
            f"plan-{state}": stall.plan.pk,
            f"scenario-{state}": stall.scenario.pk,
        }
    checked, other = make_stall(world), marketplace.make_stall(world.seller)
    checked.submit().claim()
    checked.check_all()
    other.to(ProductState.RECOMMENDED)
    bare = registry.make_certificate(world.seller, path=registry.make_table())
    world.ids |= {
        "product-checked": checked.product.pk,
        "product-recommended-by-another": other.product.pk,
        "asset-bare": bare.asset_id,
        "zone": marketplace.make_zone().pk,
        "deposited": other.certificate.version_id,
    }
    world.parts["policy"] = marketplace.make_policy()


def make_trade(world: Exchange, stall: Stall) -> Trade:
    """A requested order of the world's buyer."""
    order = orders.place_order(
        stall.product,
        plan=stall.plan,
        scenario=stall.scenario,
        quota=marketplace.QUOTA,
        ends_at=timezone.now() + marketplace.MONTH,
        by=world.actors["buyer"],
    )
    deal = Deal(order.contract, world.seller, world.buyer, world.private, world.public)
    return Trade(stall, world.buyer, order, deal)


def add_orders(world: Exchange) -> None:
    """An order in each state but completed, one that may be closed, money in the wallet."""
    stall = make_stall(world)
    stall.to(ProductState.LISTED)
    for state in marketplace.ORDER_STEPS:
        trade = make_trade(world, stall)
        trade.to(state)
        world.ids[f"order-{state}"] = trade.order.pk
    finished = make_trade(world, stall)
    finished.to("active")
    marketplace.finish(finished)
    finished.pay_in(10**6)
    world.ids["order-finished"] = finished.order.pk
    world.ids["wallet"] = wallet_of(world.buyer)
    world.parts["order"] = {
        "product": stall.product.pk,
        "plan": stall.plan.pk,
        "scenario": stall.scenario.pk,
        "quota": 10,
        "ends_at": (timezone.now() + marketplace.MONTH).isoformat(),
    }


def wallet_of(organisation: Organisation) -> str:
    """The id of the organisation's wallet."""
    from money.models import Account

    return Account.objects.get(key=f"wallet:{organisation.pk}").pk


def make_deal(world: Exchange) -> Deal:
    """A requested contract between the world's seller and buyer."""
    terms = contracts.make_terms(world.seller, world.buyer)
    contract = negotiation.request(terms, by=world.actors["buyer"])
    return Deal(contract, world.seller, world.buyer, world.private, world.public)


def add_contracts(world: Exchange) -> None:
    """A contract at each stage, terms for the next proposal, papers to sign, a statement."""
    seller, buyer = world.actors["seller"], world.actors["buyer"]
    activated = ("active", "suspended", "disputed")
    names = ("requested", "offered", "agreed", "verified", "pending", *activated)
    deals = {name: make_deal(world) for name in names}
    offered = deals["offered"]
    offered.contract = negotiation.offer(
        offered.contract, terms=contracts.cheaper(offered.contract), by=seller
    )
    for name in ("agreed", "verified", "pending", *activated):
        deals[name].contract = negotiation.agree(deals[name].contract, by=seller)
    for name in ("verified", "pending", *activated):
        contracts.sign(deals[name], "buyer")
    for name in ("pending", *activated):
        contracts.sign(deals[name], "seller")
    for name in activated:
        grants.activate(deals[name].contract, by=buyer)
    grants.suspend(deals["suspended"].contract, reason="测试原因。", by=seller)
    drawn = statements.draw_statement(deals["active"].contract, by=seller)
    disputed = statements.draw_statement(deals["disputed"].contract, by=seller)
    objection.object_to(disputed, reason="测试原因。", by=buyer)
    deliver_due()
    world.ids |= {f"contract-{name}": deal.contract.pk for name, deal in deals.items()}
    world.ids["statement"] = drawn.pk
    world.ids["statement-objected"] = disputed.pk
    sides = ("seller", "buyer")
    world.parts |= {
        "offer": contracts.cheaper(deals["requested"].contract).canonical(),
        "counter": contracts.cheaper(offered.contract).canonical(),
        "signature": {role: deals["agreed"].signature(role) for role in sides},
        "countersignature": {
            role: contracts.countersignature(deals["active"], drawn, role) for role in sides
        },
    }


def make_session_client(world: Exchange, role: str) -> Any:
    """A browser in which the role's person is signed in; nobody for a visitor."""
    from django.test import Client

    client = Client()
    if role in world.actors:
        client.force_login(user(world.actors[role].user_id))
    return client
