import pytest
from django.db import connection

from accounts.states import Role
from core.actors import Actor
from core.errors import NotFound
from money import queries
from money.models import Account
from tests.factories.accounts import actor_of, make_member, make_organisation, make_reviewer
from tests.factories.money import hold, make_account, make_bank, move, post, settle

pytestmark = pytest.mark.django_db


def test_empty_books_balance():
    assert queries.trial_balance() == queries.TrialBalance(0, 0, 0, 0)
    assert queries.trial_balance().balanced


def test_books_balance_after_every_kind_of_transfer():
    wallet, escrow = make_account(fen=1_000), make_account()
    first, second, third = (hold(wallet, escrow, fen) for fen in (100, 200, 300))
    post(first, second, third)
    post(settle("post", first, 40), settle("void", second), move(wallet, escrow, 5))

    assert queries.trial_balance() == queries.TrialBalance(300, 1_045, 300, 1_045)
    assert queries.trial_balance().balanced
    assert list(queries.drifting_accounts()) == []
    assert list(queries.broken_batches()) == []


def test_a_counter_that_was_tampered_with_is_found():
    wallet = make_account(fen=1_000)
    Account.objects.filter(key=wallet).update(credits_posted=2_000)

    assert not queries.trial_balance().balanced
    stored, fold = next(queries.drifting_accounts())
    assert (stored.key, stored.credits_posted, fold.credits_posted) == (wallet, 2_000, 1_000)


def test_a_transfer_that_was_tampered_with_is_found():
    wallet, escrow = make_account(fen=1_000), make_account()
    moved = move(wallet, escrow, 5)
    post(moved)
    batch = queries.transfer(moved.id).batch

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER money_transfer_no_update")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE money_transfer SET code = 'other' WHERE id = %s", [moved.id])

    assert list(queries.broken_batches()) == [batch]


def test_an_organisation_sees_its_own_accounts():
    mine, other = make_organisation(), make_organisation()
    own = make_account(owner=mine.pk, fen=10)
    make_account(owner=other.pk)
    make_bank()

    def keys(actor):
        return set(queries.accounts_for(actor).values_list("key", flat=True))

    assert keys(actor_of(mine)) == {own}
    assert keys(make_member(mine, Role.AUDITOR)) == {own}
    assert keys(Actor("person", user_id="usr_x")) == set()
    assert len(keys(make_reviewer())) == 3
    found = queries.account(own)
    assert queries.account_for(found.pk, actor_of(mine)) == found
    with pytest.raises(NotFound):
        queries.account_for(found.pk, actor_of(other))
    assert [t.amount_fen for t in queries.transfers_of(found)] == [10]


def test_what_is_unknown_is_not_found():
    for read in (queries.account, queries.balance, queries.transfer):
        with pytest.raises(NotFound):
            read("nothing")
