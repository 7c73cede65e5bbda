from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.actors import ANYBODY, CLOCK, COMMAND
from core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event, EventSubject
from money import actions, postings, queries
from money.actions import Posting, new_id
from money.models import Account, Transfer
from money.states import AccountKind, PendingState
from tests.factories.accounts import make_organisation
from tests.factories.money import hold, make_account, make_bank, move, post, settle

pytestmark = pytest.mark.django_db


def counters(key):
    found = queries.balance(key)
    return (
        found.debits_pending,
        found.debits_posted,
        found.credits_pending,
        found.credits_posted,
    )


def refused(*batch, by=COMMAND, now=None):
    """The error of a batch, after which nothing has changed."""
    before = (
        Event.objects.count(),
        Transfer.objects.count(),
        list(Account.objects.order_by("pk").values()),
    )
    with pytest.raises(DomainError) as error:
        actions.post(batch, by=by, about=["ctr_test"], parties=[], now=now)
    after = (
        Event.objects.count(),
        Transfer.objects.count(),
        list(Account.objects.order_by("pk").values()),
    )
    assert after == before
    return error.value


@pytest.fixture
def wallet():
    return make_account(fen=1_000)


@pytest.fixture
def escrow():
    return make_account(AccountKind.ESCROW)


def test_a_batch_moves_money_and_leaves_one_event(wallet, escrow):
    batch = [move(wallet, escrow, 300), move(escrow, wallet, 50)]

    results = actions.post(batch, by=COMMAND, about=["ctr_1", "org_1"], parties=[])

    assert [(r.id, r.status, r.amount_fen) for r in results] == [
        (batch[0].id, "created", 300),
        (batch[1].id, "created", 50),
    ]
    assert counters(wallet) == (0, 300, 0, 1_050)
    assert counters(escrow) == (0, 50, 0, 300)
    assert queries.balance(wallet).available_fen == 750
    event = Event.objects.order_by("-id").first()
    told = {name: field["value"] for name, field in event.body.fields.items()}
    assert event.type == "money.TransfersPosted"
    assert (told["count"], told["total_fen"]) == (2, 350)
    assert told["root"] == postings.root(batch)
    refs = EventSubject.objects.filter(event=event).values_list("ref", flat=True)
    assert set(refs) == {"ctr_1", "org_1"}
    stored = queries.transfers_about("ctr_1")
    assert [(t.pk.hex, t.batch, t.position) for t in stored] == [
        (batch[0].id, event.pk, 0),
        (batch[1].id, event.pk, 1),
    ]


def test_a_replay_exists_and_moves_nothing(wallet, escrow):
    first, second = move(wallet, escrow, 300), move(wallet, escrow, 50)
    post(first)
    events = Event.objects.count()

    assert post(first) == ["exists"]
    assert Event.objects.count() == events
    assert post(second, first) == ["created", "exists"]
    assert post(first, second, first) == ["exists", "exists"]

    assert counters(wallet) == (0, 350, 0, 1_000)
    assert Event.objects.count() == events + 1


@pytest.mark.parametrize("changes", [{"amount_fen": 301}, {"code": "fee"}, {"kind": "pending"}])
def test_an_id_stands_for_one_content(wallet, escrow, changes):
    first = move(wallet, escrow, 300)
    other = Posting(
        **{"id": first.id, "debit": wallet, "credit": escrow, "amount_fen": 300, **changes}
    )

    in_one_batch = refused(first, other)
    post(first)
    later = refused(other)

    for error in (in_one_batch, later):
        assert isinstance(error, Conflict)
        assert (error.code, error.data) == ("transfer-differs", {"transfer": first.id})


def test_an_id_stands_for_its_two_accounts(wallet, escrow):
    first = move(wallet, escrow, 300)
    post(first)

    error = refused(Posting(first.id, make_account(fen=500), make_account(), 300))

    assert error.code == "transfer-differs"


def test_what_is_not_there_cannot_be_spent(wallet, escrow):
    error = refused(move(wallet, escrow, 600), move(wallet, escrow, 401))

    assert isinstance(error, Conflict)
    assert error.code == "insufficient-funds"
    assert error.data == {"account": wallet, "available_fen": 1_000, "lacking_fen": 1}
    assert post(move(wallet, escrow, 600), move(wallet, escrow, 400)) == ["created", "created"]
    assert queries.balance(wallet).available_fen == 0


def test_holds_count_against_what_can_be_spent(wallet, escrow):
    held = hold(wallet, escrow, 700)
    post(held)

    assert counters(wallet) == (700, 0, 0, 1_000)
    assert counters(escrow) == (0, 0, 700, 0)
    assert refused(move(wallet, escrow, 301)).code == "insufficient-funds"
    assert refused(move(escrow, wallet, 1)).code == "insufficient-funds"
    assert post(move(wallet, escrow, 300)) == ["created"]


@pytest.mark.parametrize(
    ("kind", "fen", "after"),
    [
        ("post", 0, [(0, 700, 0, 1_000), (0, 0, 0, 700)]),
        ("post", 200, [(0, 200, 0, 1_000), (0, 0, 0, 200)]),
        ("void", 0, [(0, 0, 0, 1_000), (0, 0, 0, 0)]),
        ("void", 700, [(0, 0, 0, 1_000), (0, 0, 0, 0)]),
    ],
)
def test_a_hold_resolves_once(wallet, escrow, kind, fen, after):
    held = hold(wallet, escrow, 700)
    post(held)
    resolution = settle(kind, held, fen)

    assert post(resolution) == ["created"]

    assert [counters(wallet), counters(escrow)] == after
    assert post(resolution) == ["exists"]
    for other in ("post", "void"):
        error = refused(settle(other, held))
        assert isinstance(error, WrongState)
        assert error.data["verb"] == other
        assert error.data["state"] == {"post": "posted", "void": "voided"}[kind]


def test_a_hold_resolves_once_within_one_batch(wallet, escrow):
    held = hold(wallet, escrow, 700)
    post(held)

    error = refused(settle("post", held, 100), settle("void", held))

    assert error.code == "pending-resolved"


def test_a_resolution_stays_within_its_hold(wallet, escrow):
    held = hold(wallet, escrow, 700)
    post(held)

    assert refused(settle("post", held, 701)).code == "pending-amount"
    assert refused(settle("void", held, 699)).code == "pending-amount"
    elsewhere = Posting(new_id(), make_account(), "", 1, kind="post", pending_id=held.id)
    assert refused(elsewhere).code == "pending-sides"
    moved = move(wallet, escrow, 1)
    post(moved)
    for stranger in (new_id(), moved.id):
        unknown = refused(Posting(new_id(), kind="post", pending_id=stranger))
        assert isinstance(unknown, NotFound)
        assert unknown.code == "pending-unknown"


def test_a_deadline_ends_a_hold_and_the_clock_records_it_once(wallet, escrow):
    deadline = timezone.now() + timedelta(hours=1)
    held = hold(wallet, escrow, 700, expires_at=deadline)
    kept = hold(wallet, escrow, 100)
    post(held, kept)
    stored = queries.transfer(held.id)

    assert queries.pending_state(stored, deadline - timedelta(seconds=1)) == PendingState.HELD
    assert queries.pending_state(stored, deadline) == PendingState.EXPIRED
    assert actions.run_clock() == 0
    assert refused(settle("expire", held), by=CLOCK).data["state"] == "held"

    past = timezone.now() - timedelta(minutes=5)
    early = hold(wallet, escrow, 200, expires_at=past)
    assert refused(early).code == "transfer-expiry"
    demo = make_organisation(demo=True)
    before = past - timedelta(hours=1)
    actions.post([early], by=COMMAND, about=["ctr_test"], parties=[demo], now=before)
    assert refused(settle("post", early)).data["state"] == "expired"
    assert actions.run_clock() == 1
    assert actions.run_clock() == 0

    event = Event.objects.order_by("-id").first()
    assert (event.actor, event.effective_at) == ("clock", past)
    assert queries.pending_state(queries.transfer(early.id), past) == PendingState.EXPIRED
    assert counters(wallet) == (800, 0, 0, 1_000)
    assert refused(settle("void", early)).data["state"] == "expired"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "1"}, "transfer-id"),
        ({"id": "G" * 32}, "transfer-id"),
        ({"amount_fen": 0}, "transfer-amount"),
        ({"amount_fen": -1}, "transfer-amount"),
        ({"amount_fen": 10**15 + 1}, "transfer-amount"),
        ({"debit": ""}, "transfer-sides"),
        ({"debit": "wallet:b"}, "transfer-sides"),
        ({"code": "Fee"}, "transfer-code"),
        ({"kind": "gift"}, "transfer-kind"),
        ({"pending_id": "a" * 32}, "transfer-pending"),
        ({"kind": "post"}, "transfer-pending"),
        ({"expires_at": timezone.now()}, "transfer-expiry"),
    ],
)
def test_a_posting_that_is_not_in_its_form_is_named(changes, code):
    fields = {"id": new_id(), "debit": "wallet:a", "credit": "wallet:b", "amount_fen": 5}

    error = refused(move("wallet:a", "wallet:b", 1), Posting(**{**fields, **changes}))

    assert isinstance(error, Invalid)
    assert (error.code, error.data) == (code, {"position": 1})


def test_batches_have_a_size(wallet, escrow):
    assert refused().code == "batch-size"
    too_many = [move(wallet, escrow, 1) for _number in range(postings.MAX_BATCH + 1)]
    assert refused(*too_many).code == "batch-size"


def test_unknown_accounts_and_visitors_and_false_clocks_are_refused(wallet, escrow):
    held = hold(wallet, escrow, 1)
    post(held)

    assert refused(move(wallet, "wallet:nobody", 1)).data == {"account": "wallet:nobody"}
    assert isinstance(refused(move(wallet, escrow, 1), by=ANYBODY), NotAllowed)
    assert refused(settle("expire", held)).code == "expiry-by-clock"
    past = timezone.now() - timedelta(days=1)
    assert refused(move(wallet, escrow, 1), now=past).code == "effective-at-past"


def test_counters_have_an_end():
    bank, rich = make_bank(), make_account()
    post(*(move(bank, rich, 10**15) for _number in range(9)))

    assert refused(move(bank, rich, 1)).code == "counter-full"
    huge = [move(bank, rich, 10**15) for _number in range(10)]
    assert refused(*huge).code == "batch-total"


def test_the_database_keeps_transfers_and_repeats_the_law(wallet, escrow):
    post(move(wallet, escrow, 1))
    rows, accounts = Transfer.objects.filter(debit__key=wallet), Account.objects.filter(key=wallet)

    for write in (
        lambda: rows.update(amount_fen=2),
        rows.delete,
        lambda: accounts.update(debits_posted=1_001),
        lambda: accounts.update(floor=False),
        lambda: accounts.update(credits_posted=-1),
        accounts.delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_an_account_is_opened_once():
    first = actions.open_account("wallet:org_1", kind="wallet", floor=True, by=COMMAND)
    events = Event.objects.count()

    again = actions.open_account("wallet:org_1", kind="wallet", floor=True, by=COMMAND)

    assert again == first
    assert Event.objects.count() == events
    assert Event.objects.get(type="money.AccountOpened").subject == first.pk
    with pytest.raises(Conflict):
        actions.open_account("wallet:org_1", kind="wallet", floor=False, by=COMMAND)
    for key, kind in (("wallet", "wallet"), ("wallet:a b", "wallet"), ("escrow:a", "wallet")):
        with pytest.raises(Invalid):
            actions.open_account(key, kind=kind, floor=True, by=COMMAND)
    with pytest.raises(NotAllowed):
        actions.open_account("wallet:org_2", kind="wallet", floor=True, by=ANYBODY)
    assert Event.objects.count() == events


def test_a_derived_id_depends_on_every_part():
    assert actions.derived_id("settle", "stm_1") == actions.derived_id("settle", "stm_1")
    assert actions.derived_id("ab", "c") != actions.derived_id("a", "bc")
    assert postings.ID.fullmatch(actions.derived_id("x"))
