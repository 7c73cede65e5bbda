"""Act 4: found by two characters, ordered, signed by both with their own keys, paid into escrow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from contracts.actions.contract import sign
from contracts.models import Contract
from contracts.queries.contract import signing_request
from contracts.states import NegotiationState, Role
from core.money import yuan
from demo.acts.listing import PURPOSE
from demo.teller import tallystick
from demo.world import World
from marketplace.actions import orders, wallets
from marketplace.models import Order
from marketplace.queries.listings import catalogue
from money.queries import balance
from tallystick import canonical

QUOTA = 40
BRIEF = timedelta(seconds=20)  # the second contract's term is over when it is called


def play(world: World) -> None:
    """Search, order, agree, sign twice, fund; and a second contract whose term has ended."""
    world.tell.act(4, "Contract: two halves of one tally 双方签约")
    product = world.thing["product"]
    page = catalogue("区划")
    world.tell.check("「区划」 finds the product", [line.id for line in page.lines] == [product.pk])
    wallets.top_up_wallet(
        world.organisation("buyer"),
        amount_fen=100_000,
        by=world.actor("chen"),
        now=world.later(hours=1),
    )
    world.tell.say("buyer's wallet filled from a simulated bank", balance=yuan(100_000))
    brief = order(world, quota=5, ends_at=timezone.now() + BRIEF)
    world.clock = timezone.now() - timedelta(minutes=30)
    running = order(world, quota=QUOTA, ends_at=timezone.now() + timedelta(days=25))
    world.thing |= {"ended": brief.contract, "order": running, "contract": running.contract}
    held = balance(f"escrow:{running.contract_id}").posted_fen
    world.tell.check("quota x price is held in escrow", held == QUOTA * 7, yuan(held))


def order(world: World, *, quota: int, ends_at: datetime) -> Order:
    """One order from REQUESTED to FINALIZED and funded."""
    product, buyer = world.thing["product"], world.actor("buyer")
    now = world.later(minutes=2)
    placed = orders.place_order(
        product,
        plan=product.plans.get(),
        scenario=product.scenarios.get(),
        quota=quota,
        ends_at=ends_at,
        by=buyer,
        now=now,
    )
    orders.accept_order(placed, by=world.actor("seller"), now=world.later(minutes=2))
    for role in (Role.BUYER, Role.SELLER):
        sign_with_own_key(world, placed.contract_id, role)
    funded = orders.fund_order(placed, by=buyer, now=world.later(minutes=1))
    contract = Contract.objects.get(pk=funded.contract_id)
    world.tell.check(
        "both signed one digest", contract.state == NegotiationState.FINALIZED, contract.digest
    )
    world.tell.say("order active", order=funded.pk, contract=contract.pk, purpose=PURPOSE)
    return Order.objects.select_related("contract").get(pk=funded.pk)


def sign_with_own_key(world: World, contract_id: str, role: Role) -> None:
    """Download the signing request, sign it with the command line, hand the signature in."""
    contract = Contract.objects.get(pk=contract_id)
    signed = signature(world, str(role), signing_request(contract, role), f"contract-{contract.pk}")
    sign(
        contract, public_key=signed["public_key"], signature=signed["signature"],
        by=world.actor(str(role)), now=world.later(minutes=3),
    )  # fmt: skip


def signature(world: World, who: str, request: dict[str, Any], name: str) -> dict[str, Any]:
    """The command line's signature over a signing request, with the key in the party's folder."""
    path = world.folder(who) / f"{name}.json"
    path.write_bytes(canonical.dumps(request))
    return tallystick("sign", path, "--key", world.folder(who) / "signing.key")
