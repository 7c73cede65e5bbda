"""A statement that one side does not countersign: objection, or acceptance by silence."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from contracts.actions import deadlines, objection
from contracts.actions import statement as statements
from contracts.models import Objection
from contracts.queries.deadline import objection_due
from core.actors import CLOCK
from core.deliveries import deliver_due
from core.errors import Conflict, NotAllowed, NotFound, WrongState
from core.models import Event
from marketplace.actions import orders, settlement
from marketplace.models import Settlement
from marketplace.queries import held_fen
from money import queries as money
from tests.contracts.actions.test_contract import refused
from tests.factories import accounts as people
from tests.factories import contracts as factory
from tests.factories import marketplace as market

pytestmark = pytest.mark.django_db
CALLS, HELD = 7, market.QUOTA * market.PRICE_FEN


@pytest.fixture
def trade():
    """An active order with one drawn statement over seven calls."""
    made = market.make_active()
    made.statement = market.make_statement(made, calls=CALLS)
    return made


def countersign(trade, role):
    """One side countersigns."""
    paper = factory.countersignature(trade.deal, trade.statement, role)
    statements.countersign(trade.statement, **paper, by=trade.deal.actor(role))


def late(trade):
    """Some moment after the period for objecting, which the clock may be asked about."""
    return objection_due(fresh(trade)).at


def fresh(trade):
    trade.statement.refresh_from_db()
    return trade.statement


def run_clock_at(moment, monkeypatch):
    """Let the clock find that it is `moment`; what it did is then settled."""
    monkeypatch.setattr(timezone, "now", lambda: moment)
    done = deadlines.run_clock()
    deliver_due()
    return done


@pytest.mark.parametrize(
    ("signers", "silent"),
    [((), ["seller", "buyer"]), (("seller",), ["buyer"]), (("buyer",), ["seller"])],
)
def test_silence_is_acceptance_once_as_of_the_deadline(trade, signers, silent, monkeypatch):
    for role in signers:
        countersign(trade, role)
    due_at = late(trade)
    assert deadlines.run_clock(due_at - timedelta(seconds=1)) == 0

    done = run_clock_at(due_at + timedelta(days=3), monkeypatch)

    statement = fresh(trade)
    event = Event.objects.get(type="contracts.StatementDeemedAccepted")
    assert (done, deadlines.run_clock()) == (1, 0)
    assert (statement.state, statement.accepted_at) == ("deemed_accepted", due_at)
    assert event.effective_at == due_at
    assert event.body.fields["silent"]["value"] == silent


def test_what_was_accepted_by_silence_is_released_and_split(trade, monkeypatch):
    countersign(trade, "seller")

    run_clock_at(late(trade), monkeypatch)

    row = Settlement.objects.get()
    assert row.amount_fen == CALLS * market.PRICE_FEN
    assert held_fen(trade.fresh()) == HELD - CALLS * market.PRICE_FEN
    seller = next(share for share in row.shares if share["role"] == "seller")
    assert money.balance(seller["account"]).available_fen == seller["amount_fen"]


def test_an_objection_stops_the_clock_and_holds_the_money_and_says_so(trade, monkeypatch):
    countersign(trade, "seller")
    due_at = late(trade)
    row = objection.object_to(trade.statement, reason="多计了两次", by=trade.trader)

    done = run_clock_at(due_at + timedelta(days=30), monkeypatch)

    event = Event.objects.get(type="contracts.StatementObjected")
    assert (done, fresh(trade).state, row.role) == (0, "objected", "buyer")
    assert event.body.fields["reason"]["value"] == "多计了两次"
    assert objection_due(trade.statement) is None
    assert not Settlement.objects.exists()
    assert held_fen(trade.fresh()) == HELD
    refused(
        Conflict,
        "statement-objected",
        lambda: settlement.settle(trade.statement, by=CLOCK),
    )


def test_an_order_with_an_objection_stays_open_for_that_reason(trade, monkeypatch):
    objection.object_to(trade.statement, reason="多计了两次", by=trade.trader)
    monkeypatch.setattr(
        "marketplace.queries.orders.use_ended_at", lambda order: trade.statement.until
    )

    error = refused(
        Conflict, "order-still-open", lambda: orders.close_order(trade.order, by=trade.trader)
    )

    with override("en"):
        assert str(error.message).startswith("A side has objected to a statement;")


@pytest.mark.parametrize(
    ("signers", "back"), [((), "drawn"), (("seller",), "countersigned_by_one")]
)
def test_a_withdrawn_objection_leads_back_and_the_period_begins_anew(trade, signers, back):
    for role in signers:
        countersign(trade, role)
    objection.object_to(trade.statement, reason="多计了两次", by=trade.trader)
    seller = trade.stall.trader
    refused(NotAllowed, "other-side", lambda: objection.withdraw(trade.statement, by=seller))
    Objection.objects.update(withdrawn_at=None)

    objection.withdraw(trade.statement, by=trade.trader)

    row = Objection.objects.get()
    assert fresh(trade).state == back
    assert row.withdrawn_at is not None
    assert Event.objects.filter(type="contracts.StatementObjectionWithdrawn").count() == 1
    Objection.objects.update(withdrawn_at=row.withdrawn_at + timedelta(days=20))
    assert late(trade) > row.withdrawn_at + timedelta(days=24)
    countersign(trade, "buyer")


def test_a_side_that_has_countersigned_cannot_object(trade):
    countersign(trade, "buyer")

    refused(
        Conflict,
        "already-signed",
        lambda: objection.object_to(trade.statement, reason="多计了两次", by=trade.trader),
    )

    assert not Objection.objects.exists()


def test_strangers_and_staff_do_not_object(trade):
    stranger, staff = people.actor_of(people.make_buyer()), people.make_reviewer()

    refused(
        NotFound,
        "not-found",
        lambda: objection.object_to(trade.statement, reason="多计", by=stranger),
    )
    refused(
        NotAllowed,
        "other-side",
        lambda: objection.object_to(trade.statement, reason="多计", by=staff),
    )


def test_what_counts_as_accepted_is_so_before_the_clock_has_said_it(trade, monkeypatch):
    due_at = late(trade)
    paper = factory.countersignature(trade.deal, trade.statement, "buyer")
    buyer = trade.deal.actor("buyer")
    monkeypatch.setattr(timezone, "now", lambda: due_at)

    refused(
        Conflict,
        "statement-accepted",
        lambda: objection.object_to(trade.statement, reason="多计了两次", by=buyer),
    )
    refused(
        Conflict,
        "statement-accepted",
        lambda: statements.countersign(trade.statement, **paper, by=buyer),
    )


def test_nobody_deems_a_statement_accepted_but_the_clock_and_it_not_early(trade):
    refused(Conflict, "objection-not-due", lambda: deadlines.deem(trade.statement, by=CLOCK))
    refused(NotAllowed, "clock-only", lambda: deadlines.deem(trade.statement, by=trade.trader))
    trade.countersign(trade.statement)
    refused(WrongState, "wrong-state", lambda: deadlines.deem(trade.statement, by=CLOCK))


def test_the_database_keeps_an_objection(trade):
    objection.object_to(trade.statement, reason="多计了两次", by=trade.trader)

    for change in ({"reason": "没有异议"}, {"role": "seller"}):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Objection.objects.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Objection.objects.all().delete()
