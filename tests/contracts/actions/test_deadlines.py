"""A signature that does not come in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from contracts.actions import contract as negotiation
from contracts.actions import deadlines
from contracts.models import DeadlineRule
from contracts.queries.deadline import signature_due
from core.actors import CLOCK
from core.deliveries import deliver_due
from core.errors import Conflict, NotAllowed, Unavailable, WrongState
from core.models import Event
from marketplace.actions import orders
from money import queries as money
from tests.contracts.actions.test_contract import refused
from tests.factories import contracts as factory
from tests.factories import marketplace as market

pytestmark = pytest.mark.django_db

# A Thursday; the days counted are Friday and the Monday to Thursday that follow.
AGREED = datetime(2026, 9, 10, 2, 0, tzinfo=UTC)


def overdue(make=factory.make_verified):
    """A deal of demonstration organisations whose next signature is overdue, and the deadline."""
    began = timezone.now() - timedelta(days=40)
    deal = make(now=began, starts_at=began, ends_at=began + timedelta(days=28))
    return deal, signature_due(deal.contract).at


@pytest.mark.parametrize(
    ("make", "role"), [(factory.make_agreed, "buyer"), (factory.make_verified, "seller")]
)
def test_the_clock_lapses_an_unsigned_contract_once_as_of_its_deadline(make, role):
    deal, due_at = overdue(make)

    assert deadlines.run_clock(due_at - timedelta(seconds=1)) == 0
    assert deadlines.run_clock() == 1
    assert deadlines.run_clock() == 0

    contract = deal.fresh()
    event = Event.objects.get(type="contracts.ContractLapsed")
    said = {name: event.body.fields[name]["value"] for name in ("role", "reason")}
    assert (contract.state, contract.terminated_at) == ("terminated", due_at)
    assert contract.termination_reason == deadlines.SIGNATURE_OVERDUE
    assert (event.effective_at, event.actor) == (due_at, CLOCK.label)
    assert said == {"role": role, "reason": deadlines.SIGNATURE_OVERDUE}


def test_five_working_days_from_the_step_before():
    began = AGREED - timedelta(days=1)
    deal = factory.make_agreed(now=began, starts_at=began, ends_at=began + timedelta(days=28))

    before = signature_due(deal.contract)
    factory.sign(deal, "buyer", now=AGREED)
    after = signature_due(deal.contract)

    assert (before.at, before.provisional) == (datetime(2026, 9, 16, 16, 0, tzinfo=UTC), False)
    assert after.at == datetime(2026, 9, 17, 16, 0, tzinfo=UTC)


def test_the_rule_in_force_on_the_day_counts():
    deal, due_at = overdue()
    DeadlineRule.objects.create(
        step="signature", basis="新规则", effective_from=date(2199, 1, 1), workdays=1
    )

    assert signature_due(deal.contract).at == due_at
    DeadlineRule.objects.filter(effective_from__lte=timezone.now()).delete()
    with pytest.raises(Unavailable) as refusal:
        signature_due(deal.contract)
    assert refusal.value.code == "deadline-missing"


def test_what_is_overdue_is_over_before_the_clock_has_said_so():
    deal, due_at = overdue()
    paper, seller, buyer = deal.signature("seller"), deal.actor("seller"), deal.actor("buyer")

    late = refused(
        Conflict,
        "signature-overdue",
        lambda: negotiation.sign(deal.contract, **paper, by=seller),
    )
    refused(
        Conflict,
        "signature-overdue",
        lambda: negotiation.terminate(deal.contract, reason="不签了", by=buyer),
    )

    assert late.data["due_at"].startswith(f"{due_at:%Y-%m-%dT%H:%M}")
    assert deal.fresh().state == "verified"


def test_nobody_lapses_a_contract_but_the_clock_and_it_not_early():
    deal = factory.make_verified()
    late, _due_at = overdue()

    refused(Conflict, "signature-not-due", lambda: deadlines.lapse(deal.contract, by=CLOCK))
    refused(
        NotAllowed,
        "clock-only",
        lambda: deadlines.lapse(late.contract, by=late.actor("buyer")),
    )
    deadlines.run_clock()
    refused(WrongState, "wrong-state", lambda: deadlines.lapse(late.contract, by=CLOCK))


def test_one_contract_that_cannot_lapse_holds_up_no_other(monkeypatch):
    first, _due = overdue()
    second, _due = overdue()
    lapse = deadlines.lapse

    def balking(contract, **options):
        if contract.pk == first.contract.pk:
            raise Conflict("test", "not now")
        return lapse(contract, **options)

    monkeypatch.setattr(deadlines, "lapse", balking)

    assert deadlines.run_clock() == 1
    assert (first.fresh().state, second.fresh().state) == ("verified", "terminated")


def test_the_money_of_an_order_that_the_seller_never_signs_goes_back():
    trade = market.make_trade()
    trade.accept()
    trade.fund()
    factory.sign(trade.deal, "buyer")
    due_at = signature_due(trade.deal.contract).at
    wallet = f"wallet:{trade.buyer.pk}"
    assert money.balance(wallet).available_fen == 0
    assert due_at < trade.order.ends_at

    trade.deal.contract.__class__.objects.filter(pk=trade.deal.contract.pk).update(
        verified_at=timezone.now() - timedelta(days=40)
    )
    lapsed = deadlines.run_clock()
    deliver_due()

    order = trade.fresh()
    assert (lapsed, order.state, order.returned_fen) == (1, "cancelled", order.price_fen)
    assert money.balance(wallet).available_fen == order.price_fen
    assert order.reason == deadlines.SIGNATURE_OVERDUE


def test_an_overdue_contract_takes_no_money_any_more():
    trade = market.make_trade()
    trade.accept()
    trade.pay_in()
    trade.deal.contract.__class__.objects.filter(pk=trade.deal.contract.pk).update(
        agreed_at=timezone.now() - timedelta(days=40)
    )

    refused(Conflict, "signature-overdue", lambda: orders.fund_order(trade.order, by=trade.trader))

    assert trade.fresh().state == "accepted"
