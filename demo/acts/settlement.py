"""Act 6: usage rolled up, countersigned by both, paid out to the fen; the rest stays held."""

from __future__ import annotations

from django.utils import timezone

from contracts.actions.statement import countersign, draw_statement
from contracts.models import Statement
from contracts.queries.statement import signing_request
from contracts.states import Role, StatementState
from core.errors import Unavailable
from core.money import split_bps, yuan
from demo.acts.contract import QUOTA, signature
from demo.acts.use import STATED
from demo.machine import until
from demo.world import World
from marketplace.models import Settlement
from money.queries import balance


def play(world: World) -> None:
    """Statement, two countersignatures, release and split."""
    world.tell.act(6, "Settlement: countersigned, split, held 结算")
    world.clock = timezone.now()
    statement = drawn(world)
    world.tell.say(
        "interim statement drawn",
        statement=statement.pk,
        root=statement.root,
        amount=yuan(statement.amount_fen),
    )
    world.tell.check(
        "it bills every recorded call once",
        statement.amount_fen == STATED * 7,
        f"{STATED} calls of {QUOTA}",
    )
    for role in (Role.BUYER, Role.SELLER):
        request = signing_request(statement, role)
        signed = signature(world, str(role), request, f"statement-{statement.pk}")
        countersign(
            statement,
            public_key=signed["public_key"],
            signature=signed["signature"],
            by=world.actor(str(role)),
        )
    statement.refresh_from_db()
    world.tell.check(
        "both countersigned one digest",
        statement.state == StatementState.COUNTERSIGNED,
        statement.digest,
    )
    until(
        lambda: Settlement.objects.filter(statement=statement).exists(),
        30,
        "the statement is settled",
    )
    paid_out(world, statement)
    world.thing["statement"] = statement


def drawn(world: World) -> Statement:
    """The interim statement, as soon as all usage before its end has been drained."""
    found: list[Statement] = []

    def known() -> bool:
        try:
            end, seller = world.thing["interim"], world.actor("seller")
            found.append(draw_statement(world.thing["contract"], until=end, by=seller))
        except Unavailable:
            return False
        return True

    until(known, 60, "usage up to the end of the period is drained")
    return found[0]


def paid_out(world: World, statement: Statement) -> None:
    """Every share is what the frozen basis points say, and escrow keeps the rest."""
    settlement = Settlement.objects.get(statement=statement)
    seller, service, exchange = (world.member[name][1].pk for name in ("seller", "service", "chen"))
    expected = split_bps(
        settlement.amount_fen,
        {service: 500, exchange: 300, "tax:payable": 600},
        remainder_to=seller,
    )
    paid = {share["party"]: share["amount_fen"] for share in settlement.shares}
    world.tell.check(
        "split to the fen",
        paid == {p: a for p, a in expected.items() if a},
        {s["role"]: yuan(s["amount_fen"]) for s in settlement.shares},
    )
    held = balance(f"escrow:{world.thing['contract'].pk}").posted_fen
    left = world.thing["order"].price_fen - settlement.amount_fen
    world.tell.check("the rest stays held", held == left, yuan(held))
