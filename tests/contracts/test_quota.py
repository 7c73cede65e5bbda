"""Quota: what is leased and used never exceeds what is granted; unspent units return."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts.actions import grant as grants
from contracts.actions import quota
from contracts.actions import statement as statements
from contracts.actions.quota import Outcome
from contracts.models import QuotaAccount, QuotaLease, SealedBucket
from contracts.partitions import day_number
from contracts.states import LEASE, LeaseState
from core.actors import COMMAND
from core.errors import WrongState
from core.models import Event
from core.states import advance
from tests.factories import accounts as factory
from tests.factories.contracts import make_active
from tests.grid import cells

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract():
    return make_active().contract


def account(contract, meter="rows.call"):
    return QuotaAccount.objects.get(contract=contract, meter=meter)


def lease(contract, **changes):
    options = {"holder": "worker-1", "segment": "one", "workers": 2} | changes
    return quota.lease(contract.id, "rows.call", **options)


def balance(contract):
    row = account(contract)
    return row.granted, row.leased, row.used


def test_an_active_grant_has_an_account_for_each_meter(contract):
    rows = QuotaAccount.objects.filter(contract=contract).order_by("meter")

    assert [(r.meter, r.granted, r.leased, r.used) for r in rows] == [
        ("file.bytes", 10**8, 0, 0),
        ("rows.call", 1000, 0, 0),
    ]


def test_opening_accounts_again_changes_nothing(contract):
    lease(contract)

    quota.open_accounts(contract)

    assert balance(contract) == (1000, 125, 0)


def test_a_lease_takes_a_share_of_what_is_free(contract):
    first, second = lease(contract), lease(contract)

    assert (first.outcome, first.units, first.free) == (Outcome.LEASED, 125, 875)
    assert (second.units, second.free) == (109, 766)
    assert balance(contract) == (1000, 234, 0)


def test_under_a_clock_that_is_behind_nothing_is_recorded_into_what_is_stated(
    contract, monkeypatch
):
    statement = statements.draw_statement(contract, by=COMMAND)
    behind = statement.until - timedelta(minutes=10)
    monkeypatch.setattr(quota.timezone, "now", lambda: behind)

    answer = lease(contract)

    row = QuotaLease.objects.get(pk=answer.lease)
    assert answer.since == row.taken_at == row.drained_through == statement.until


def test_a_clock_that_is_behind_records_nothing_into_a_sealed_day(contract, monkeypatch):
    now = timezone.now()
    SealedBucket.objects.create(bucket=day_number(now) - 2, rows=0, digest="0" * 64, sealed_at=now)
    monkeypatch.setattr(quota.timezone, "now", lambda: now - timedelta(days=5))

    since = lease(contract).since

    assert day_number(since) == day_number(now) - 1
    assert since == since.replace(hour=0, minute=0, second=0, microsecond=0)


def test_a_lease_is_at_least_what_one_call_needs(contract):
    assert lease(contract, at_least=700).units == 700
    assert lease(contract, at_least=301).outcome == Outcome.BUSY


def test_the_last_units_go_out_one_by_one(contract):
    QuotaAccount.objects.filter(contract=contract).update(used=998)

    answers = [lease(contract) for _ in range(3)]

    assert [(a.outcome, a.units) for a in answers] == [("leased", 1), ("leased", 1), ("busy", 0)]


def test_exhausted_is_final_only_when_nothing_is_leased(contract):
    held = lease(contract, at_least=1000)

    assert lease(contract).outcome == Outcome.BUSY
    assert QuotaLease.objects.get(pk=held.lease).state == LeaseState.RECALLED

    quota.credit({held.lease: 1000})
    quota.settle([held.lease])

    assert lease(contract).outcome == Outcome.EXHAUSTED
    assert balance(contract) == (1000, 0, 1000)


def test_settling_uses_what_was_recorded_and_returns_the_rest(contract):
    held = lease(contract)
    quota.credit({held.lease: 100})

    assert quota.settle([held.lease]) == 1
    assert balance(contract) == (1000, 0, 100)
    assert quota.settle([held.lease]) == 0
    assert balance(contract) == (1000, 0, 100)


def test_more_than_a_lease_granted_cannot_be_recorded(contract):
    held = lease(contract)

    with pytest.raises(IntegrityError), transaction.atomic():
        quota.credit({held.lease: 126})

    assert QuotaLease.objects.get(pk=held.lease).recorded == 0


def test_nothing_is_recorded_under_a_settled_or_unknown_lease(contract):
    held = lease(contract)
    quota.settle([held.lease])

    for name in (held.lease, "lea_unknown"):
        with pytest.raises(LookupError, match="not open"):
            quota.credit({name: 1})


def test_a_grant_that_is_not_active_gives_no_lease(contract):
    by = factory.actor_of(contract.seller)
    grants.suspend(contract, reason="…", by=by)
    assert lease(contract).outcome == Outcome.BUSY
    grants.resume(contract, by=by)
    assert lease(contract).outcome == Outcome.LEASED

    grants.terminate(contract, reason="…", by=by)

    assert lease(contract).outcome == Outcome.BUSY
    assert QuotaLease.objects.count() == 1


def test_the_database_refuses_to_lease_more_than_is_granted(contract):
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaAccount.objects.filter(contract=contract, meter="rows.call").update(leased=1001)

    assert balance(contract) == (1000, 0, 0)


def test_a_meter_that_is_not_in_the_contract_is_exhausted(contract):
    answer = quota.lease(contract.id, "tea.cups", holder="w", segment="one", workers=1)

    assert (answer.outcome, answer.free) == (Outcome.EXHAUSTED, 0)


def test_bookkeeping_of_quota_leaves_no_events(contract):
    before = Event.objects.count()

    held = lease(contract)
    quota.recall(account(contract))
    quota.settle([held.lease])

    assert Event.objects.count() == before


def test_recalling_all_asks_for_every_lease_of_the_contract_once(contract):
    lease(contract)
    lease(contract)

    assert (quota.recall_all(contract.id), quota.recall_all(contract.id)) == (2, 0)


@pytest.mark.parametrize(("state", "verb"), cells(LEASE))  # the grid of verbs and states
def test_a_lease_moves_only_as_its_table_says(contract, state, verb):
    row = QuotaLease.objects.get(pk=lease(contract).lease)
    path = {"held": [], "recalled": ["recall"], "settled": ["settle"]}[state]
    for step in path:
        advance(row, LEASE, step, **stamps(row, step))
    target = LEASE.targets.get((state, verb))

    if target is None:
        with pytest.raises(WrongState):
            advance(row, LEASE, verb)
    else:
        advance(row, LEASE, verb, **stamps(row, verb))
    assert QuotaLease.objects.get(pk=row.pk).state == (target or state)


def stamps(row, verb):
    return {"settled_at": row.taken_at} if verb == "settle" else {}
