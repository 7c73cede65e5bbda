"""Settlement: to the fen, once, by the contract's frozen basis points."""

import pytest
from django.db import IntegrityError, transaction

from core.actors import CLOCK
from core.errors import Conflict, NotAllowed
from core.models import Event
from marketplace.actions import settlement
from marketplace.actions.escrow import shares_of
from marketplace.models import Settlement, Zone
from marketplace.queries import held_fen, settled_fen
from money.models import Transfer
from money.queries import balance, trial_balance
from tests.factories.accounts import make_exchange
from tests.factories.marketplace import make_active, make_statement, use

pytestmark = pytest.mark.django_db


def test_a_countersigned_statement_is_released_and_split_to_the_fen():
    trade = make_active()
    statement = make_statement(trade, calls=7)

    trade.countersign(statement)

    # 7 x 37 = 259 fen: 5 % 12.95, 3 % 7.77, 6 % 15.54, the seller's 86 % 222.74
    exchange = make_exchange()
    assert statement.amount_fen == 259
    assert balance(f"payable:{trade.stall.service.pk}").posted_fen == 13
    assert balance(f"revenue:{exchange.pk}").posted_fen == 8
    assert balance("tax:payable").posted_fen == 15
    assert balance(f"payable:{trade.stall.seller.pk}").posted_fen == 223
    assert held_fen(trade.order) == 37_000 - 259
    assert settled_fen(trade.order) == 259
    assert trial_balance().balanced


def test_the_voucher_says_what_was_released_and_what_stays_held():
    trade = make_active()
    statement = make_statement(trade, calls=7)
    trade.countersign(statement)

    voucher = Event.objects.get(type="marketplace.TransactionVoucherIssued")
    fields = {name: field["value"] for name, field in voucher.body.fields.items()}

    row = Settlement.objects.get()
    assert fields["settlement"] == row.pk
    assert fields["statement_digest"] == statement.digest
    assert (fields["amount_fen"], fields["held_fen"]) == (259, 36_741)
    assert [share["amount_fen"] for share in fields["shares"]] == [13, 8, 15, 223]
    assert [share["role"] for share in fields["shares"]] == ["service", "exchange", "tax", "seller"]


def test_settling_again_moves_nothing():
    trade = make_active()
    statement = make_statement(trade, calls=7)
    trade.countersign(statement)
    before = Event.objects.count(), Transfer.objects.count()

    statement.refresh_from_db()
    again = settlement.settle(statement, by=CLOCK)

    assert again == Settlement.objects.get()
    assert (Event.objects.count(), Transfer.objects.count()) == before


def test_only_what_both_countersigned_is_settled_and_only_by_the_system():
    trade = make_active()
    statement = make_statement(trade, calls=1)

    with pytest.raises(Conflict) as early, transaction.atomic():
        settlement.settle(statement, by=CLOCK)
    with pytest.raises(NotAllowed) as person, transaction.atomic():
        settlement.settle(statement, by=trade.trader)

    assert (early.value.code, person.value.code) == ("not-countersigned", "settled-by-statement")
    assert Settlement.objects.count() == 0
    assert held_fen(trade.order) == 37_000


def test_a_statement_without_usage_settles_nothing_and_is_vouched_for():
    trade = make_active()

    trade.countersign(make_statement(trade, calls=0))

    row = Settlement.objects.get()
    assert (row.amount_fen, row.shares) == (0, [])
    assert held_fen(trade.order) == 37_000


def test_the_last_fen_of_the_quota_empties_the_escrow():
    trade = make_active(quota=10)
    use(trade, 10)

    trade.countersign(make_statement(trade, calls=0))

    assert Settlement.objects.get().amount_fen == 370
    assert held_fen(trade.order) == 0


def test_fees_that_change_later_change_no_contract():
    trade = make_active()
    Zone.objects.update(exchange_bps=5_000)

    shares = {share["role"]: share["amount_fen"] for share in shares_of(trade.fresh(), 10_000)}

    assert shares == {"service": 500, "exchange": 300, "tax": 600, "seller": 8_600}


@pytest.mark.parametrize("amount", [0, 1, 2, 3, 99, 101, 9_999, 10**15])
def test_shares_always_add_up(amount):
    trade = make_active()

    shares = shares_of(trade.fresh(), amount)

    assert sum(share["amount_fen"] for share in shares) == amount
    assert all(share["amount_fen"] > 0 for share in shares)


def test_a_settlement_never_changes():
    trade = make_active()
    trade.countersign(make_statement(trade, calls=1))

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Settlement.objects.update(amount_fen=0)
