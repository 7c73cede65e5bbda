"""Random batches against the store and against a model of a page; both must agree."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import COMMAND
from core.errors import DomainError
from money import actions, queries
from money.actions import Posting
from tests.factories.money import make_account

pytestmark = pytest.mark.django_db
ACCOUNTS = 3
IDS = 6


@dataclass
class Model:
    """What the books must be: a dictionary of transfers and four counters an account."""

    bank: str
    transfers: dict = field(default_factory=dict)
    resolved: set = field(default_factory=set)
    counters: dict = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0]))

    def post(self, batch):
        """The statuses, or None where the batch must be refused; then nothing changes."""
        transfers, resolved = dict(self.transfers), set(self.resolved)
        counters = defaultdict(lambda: [0, 0, 0, 0], {k: list(v) for k, v in self.counters.items()})
        statuses = []
        for given_posting in batch:
            posting = self.whole(given_posting)
            if posting is None:
                return None
            if posting.id in transfers:
                if transfers[posting.id] != posting:
                    return None
                statuses.append("exists")
                continue
            if posting.pending_id and posting.pending_id in resolved:
                return None
            self.move(counters, posting)
            transfers[posting.id] = posting
            resolved.add(posting.pending_id)
            statuses.append("created")
        for key, (held, debits, _waiting, credits_) in counters.items():
            if key != self.bank and held + debits > credits_:
                return None
        self.transfers, self.resolved, self.counters = transfers, resolved, counters
        return statuses

    def whole(self, posting):
        """The posting with its hold's sides and amount; None where it cannot stand."""
        if not posting.pending_id:
            return posting if posting.debit != posting.credit else None
        held = self.transfers.get(posting.pending_id)
        if held is None or held.kind != "pending" or posting.id == posting.pending_id:
            return None
        amount = posting.amount_fen or held.amount_fen
        fits = amount <= held.amount_fen if posting.kind == "post" else amount == held.amount_fen
        whole = Posting(
            posting.id,
            held.debit,
            held.credit,
            amount,
            posting.code,
            posting.kind,
            posting.pending_id,
        )
        return whole if fits else None

    def move(self, counters, posting):
        debit, credit = counters[posting.debit], counters[posting.credit]
        if posting.kind == "pending":
            debit[0] += posting.amount_fen
            credit[2] += posting.amount_fen
        if posting.pending_id:
            debit[0] -= self.transfers[posting.pending_id].amount_fen
            credit[2] -= self.transfers[posting.pending_id].amount_fen
        if posting.kind in {"posted", "post"}:
            debit[1] += posting.amount_fen
            credit[3] += posting.amount_fen


PLAIN = st.tuples(
    st.integers(0, IDS - 1),
    st.sampled_from(["posted", "pending"]),
    st.integers(0, ACCOUNTS),
    st.integers(0, ACCOUNTS),
    st.integers(1, 40),
)
RESOLVING = st.tuples(
    st.integers(0, IDS - 1),
    st.sampled_from(["post", "void"]),
    st.integers(0, IDS - 1),
    st.just(0),
    st.sampled_from([0, 5, 20, 40]),
)
BATCHES = st.lists(st.lists(PLAIN | RESOLVING, min_size=1, max_size=4), max_size=12)


def posting(keys, ids, drawn):
    place, kind, left, right, fen = drawn
    if kind in {"post", "void"}:
        return Posting(ids[place], amount_fen=fen, kind=kind, pending_id=ids[left])
    return Posting(ids[place], keys[left], keys[right], fen, kind=kind)


def stored(key):
    found = queries.balance(key)
    return [found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(batches=BATCHES)
def test_the_books_are_what_the_model_says(batches):
    bank = make_account("clearing", floor=False)
    keys = [bank, *(make_account() for _number in range(ACCOUNTS))]
    ids, ref = [uuid4().hex for _number in range(IDS)], uuid4().hex
    model = Model(bank)

    for drawn in batches:
        batch = [posting(keys, ids, one) for one in drawn]
        expected = model.post(batch)
        try:
            found = actions.post(batch, by=COMMAND, about=[ref], parties=[])
        except DomainError:
            assert expected is None, batch
        else:
            unique = list(dict.fromkeys(p.id for p in batch))
            told = {result.id: result.status for result in found}
            assert list(told) == unique
            assert expected is not None, batch
            first = dict(reversed(list(zip([p.id for p in batch], expected, strict=True))))
            assert told == first
        assert [stored(key) for key in keys] == [list(model.counters[key]) for key in keys]

    assert queries.trial_balance().balanced
    assert list(queries.drifting_accounts()) == []
    assert {t.pk.hex for t in queries.transfers_about(ref)} == set(model.transfers)
