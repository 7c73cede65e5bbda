"""The trail of a thing: what belongs to it, in order, in few queries, and nobody else's things."""

from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.actors import COMMAND
from core.errors import NotFound
from core.events import Fact, record
from core.models import Event
from supervision import queries
from supervision.queries import trails
from tests.contracts.usage import counted
from tests.factories import accounts, marketplace
from tests.factories.supervision import make_world, open_log

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Touched(Fact):
    """Things were touched together."""


def touch(*refs):
    """An event about `refs`; its id."""
    with transaction.atomic():
        return record(Touched(), by=COMMAND, about=refs, parties=[]).pk


@pytest.fixture
def world(monkeypatch):
    counted(monkeypatch, calls=12, indeterminate=2)
    return make_world()


def types(ref):
    return [line.type for line in queries.trail(ref).lines]


def events(ref):
    return [line.event for line in queries.trail(ref).lines]


def test_the_trail_of_an_asset_tells_the_whole_story(world):
    found = types(world.asset)

    told = [
        "registry.CaseOpened",
        "registry.CertificateIssued",
        "delivery.FileDeposited",
        "marketplace.ProductListed",
        "marketplace.OrderPlaced",
        "contracts.ContractRequested",
        "marketplace.OrderFunded",
        "money.TransfersPosted",
        "contracts.ContractFinalized",
        "contracts.GrantActivated",
        "contracts.StatementCountersigned",
        "marketplace.TransactionVoucherIssued",
    ]
    assert [one for one in told if one not in found] == []
    assert found.count("accounts.KeyEnrolled") == 2
    assert found.index("registry.CertificateIssued") < found.index("contracts.ContractFinalized")
    assert "marketplace.WalletToppedUp" not in found
    assert "accounts.MemberAdded" not in found


def test_lines_stand_in_the_order_of_their_effect(world):
    lines = queries.trail(world.asset).lines

    moments = [(line.effective_at, line.recorded_at, line.event) for line in lines]
    assert moments == sorted(moments)
    assert len({line.event for line in lines}) == len(lines)


def test_a_line_says_what_who_when_and_how_far_it_is_sealed(world, tmp_path):
    seals = open_log(tmp_path)
    seals.anchor()
    with translation.override("en"):
        (line,) = [
            line
            for line in queries.trail(world.asset).lines
            if line.type == "contracts.StatementCountersigned"
        ]

    event = Event.objects.get(pk=line.event)
    assert line.line == "Usage statement 1 over ¥3.70 was countersigned by both parties"
    assert (line.actor, line.organisation) == (event.actor, world.trade.buyer.name)
    assert (line.recorded_at, line.effective_at) == (event.recorded_at, event.effective_at)
    assert (line.subject, line.demo) == (event.subject, True)
    assert (line.seal.stage, line.seal.index) == ("anchored", event.leaf.index)
    assert line.seal.size == seals_size()


def seals_size():
    from ledger.queries import head

    return head().size


def test_seals_are_told_apart(world, tmp_path):
    assert {line.seal.stage for line in queries.trail(world.asset).lines} == {"unsealed"}

    open_log(tmp_path).sequence()

    assert {line.seal.stage for line in queries.trail(world.asset).lines} == {"sequenced"}


def test_another_trade_on_another_asset_stays_out(world):
    before = events(world.asset)
    other = marketplace.make_active()

    assert events(world.asset) == before
    assert not {other.order.contract_id, other.order.id} & {
        line.subject for line in queries.trail(world.asset).lines
    }


def test_a_second_trade_on_the_asset_is_in_its_trail_but_not_in_the_first_contracts(world):
    before = events(world.contract)
    second = marketplace.make_trade(world.trade.stall)

    assert set(events(second.order.contract_id)) <= set(events(world.asset))
    assert set(events(second.order.id)) == set(events(second.order.contract_id))
    subjects = {line.subject for line in queries.trail(world.contract).lines}
    assert second.order.contract_id not in subjects
    assert [event for event in events(world.contract) if event in before] == before


def test_a_statement_is_read_within_its_contract(world):
    assert events(world.statement.id) == events(world.contract)


def test_the_trail_of_an_organisation_is_what_names_it(world):
    seller = world.trade.stall.seller

    found = set(events(seller.id))

    assert found == set(
        Event.objects.filter(subjects__ref=seller.id).values_list("pk", flat=True)
    ) | set(party_events(found))


def party_events(found):
    """Admissions and keys of the organisations that these events name."""
    own = Event.objects.filter(pk__in=found)
    return trails.of_parties(own).values_list("pk", flat=True)


def test_the_walk_follows_the_directions_and_no_others():
    down = touch("ast_1", "prd_1")
    order = touch("ord_1", "prd_1", "org_1")
    contract = touch("ctr_1", "ord_1", "org_1")
    statement = touch("stm_1", "ctr_1")
    up = touch("ctr_1", "ast_2")
    stranger = touch("ast_2", "org_1")

    assert events("ast_1") == [down, order, contract, statement, up]
    assert events("ctr_1") == [order, contract, statement, up]
    assert events("stm_1") == [order, contract, statement, up]
    assert events("org_1") == [order, contract, stranger]


def test_more_events_than_a_trail_holds_are_cut_off_and_said_to_be(monkeypatch):
    first = [touch("ast_1") for _ in range(4)]
    assert queries.trail("ast_1").complete

    monkeypatch.setattr(trails, "MAX_EVENTS", 3)
    found = queries.trail("ast_1")

    assert ([line.event for line in found.lines], found.complete) == (first[:3], False)


def test_more_things_than_a_trail_walks_are_said_to_be(monkeypatch):
    touch("ast_1", "prd_1", "prd_2", "prd_3")
    monkeypatch.setattr(trails, "MAX_EVENTS", 3)

    assert not queries.trail("ast_1").complete


def test_nothing_known_is_not_found():
    with pytest.raises(NotFound):
        queries.trail("ast_unknown")
    with pytest.raises(NotFound):
        queries.trail("")


def test_the_number_of_queries_does_not_grow(world):
    few = counted_queries(world.asset)
    for _ in range(3):
        marketplace.make_trade(world.trade.stall)
    accounts.enrol(world.trade.buyer)

    assert counted_queries(world.asset) == few
    assert few <= 9


def counted_queries(ref):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        queries.trail(ref)
    return len(captured)
