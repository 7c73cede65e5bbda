"""A node that knows of a nonce and shows no receipt: no anchored head stays without its proof."""

from datetime import timedelta

import pytest

from core import leases
from ledger import actions
from ledger.actions import anchorer
from ledger.models import AnchorAttempt, AnchorProof
from ledger.states import AttemptState
from tests.factories.ledger import ANCHOR_KEY, answered_boot, open_chain, seal, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tmp_path):
    return open_chain(tmp_path)


@pytest.fixture
def boot(chain):
    return answered_boot(chain)


def step(chain):
    return actions.anchor_next(chain, ANCHOR_KEY, fence=leases.take(anchorer.SEAT))


class LaggingNode:
    """A node that has heard of the nonce and the head, and shows no receipt while it lags."""

    def __init__(self, chain):
        self.chain, self.lags, self.asked = chain, True, 0

    def __getattr__(self, name):
        return getattr(self.chain, name)

    def receipt(self, transaction):
        self.asked += 1
        return None if self.lags else self.chain.receipt(transaction)


@pytest.fixture
def lagging(chain, boot, monkeypatch):
    """A lagging node that has taken the first of our heads, and its attempt."""
    monkeypatch.setattr(anchorer, "WATCHED", {})
    node = LaggingNode(chain)
    seal(3)
    signed(boot)
    assert step(node) == 1
    return node


def test_an_attempt_that_the_contract_holds_waits_for_its_receipt(lagging):
    assert step(lagging) == 0
    assert AnchorAttempt.objects.get().state == AttemptState.SENT

    lagging.lags = False

    assert step(lagging) == 1
    assert AnchorAttempt.objects.get().state == AttemptState.INCLUDED
    assert AnchorProof.objects.get().size == 3


def test_a_receipt_that_is_found_after_the_attempt_was_given_up_completes_the_proof(
    lagging, boot, monkeypatch
):
    monkeypatch.setattr(anchorer, "PATIENCE", timedelta(0))
    assert step(lagging) == 1
    assert AnchorAttempt.objects.get().state == AttemptState.SUPERSEDED
    assert step(lagging) == 0
    assert not AnchorProof.objects.exists()

    lagging.lags = False
    asked = lagging.asked
    assert step(lagging) == 0
    assert lagging.asked == asked  # once a minute
    anchorer.WATCHED.clear()

    assert step(lagging) == 1
    assert AnchorAttempt.objects.get().state == AttemptState.INCLUDED
    assert AnchorProof.objects.get().size == 3
    assert step(lagging) == 0


def test_a_superseded_attempt_stops_no_later_anchor(lagging, boot, monkeypatch):
    monkeypatch.setattr(anchorer, "PATIENCE", timedelta(0))
    step(lagging)
    seal(2)
    size = signed(boot).size
    monkeypatch.setattr(anchorer, "PATIENCE", timedelta(minutes=10))

    assert step(lagging) == 1
    lagging.lags = False
    anchorer.WATCHED.clear()
    while step(lagging):
        pass

    states = AnchorAttempt.objects.order_by("nonce").values_list("state", flat=True)
    assert list(states) == ["included", "included"]
    assert list(AnchorProof.objects.order_by("size").values_list("size", flat=True)) == [3, size]
