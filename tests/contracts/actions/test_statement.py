"""Statements: what was used, what it costs, and that nobody can change it afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from contracts.actions import grant as grants
from contracts.actions import quota
from contracts.actions import statement as statements
from contracts.actions import usage as usage_actions
from contracts.billing import digest_of
from contracts.models import QuotaAccount, QuotaLease, Statement, StatementSignature
from contracts.partitions import GATEWAY
from contracts.queries import usage
from core.actors import CLOCK
from core.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from core.ids import uuid7_int
from core.models import Event
from core.time import iso
from tests.contracts.actions.test_contract import kinds, refused
from tests.contracts.usage import counted
from tests.factories import accounts as people
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def deal():
    """An active contract from 1 March for three months, in the past."""
    return factory.make_active(
        now=START, starts_at=START, ends_at=datetime(2026, 5, 31, 16, tzinfo=UTC)
    )


def draw(deal, **options):
    """The seller draws the next statement."""
    return statements.draw_statement(deal.contract, by=deal.actor("seller"), **options)


class TestDraw:
    def test_a_statement_fixes_period_lines_root_and_amount(self, deal, monkeypatch):
        asked = counted(monkeypatch, calls=40, indeterminate=3)
        until = START + 5 * HOUR

        statement = draw(deal, until=until)

        assert asked == [(deal.contract.id, START, until)]
        assert (statement.number, statement.state) == (1, "drawn")
        assert (statement.since, statement.until) == (START, until)
        assert statement.amount_fen == 37 * 5
        assert statement.body["interim"] is True
        assert statement.body["contract_digest"] == deal.contract.digest
        assert statement.body["origin"] == settings.LOG_ORIGIN
        calls, free = statement.body["lines"]
        assert (calls["units"], calls["billed_units"], calls["indeterminate_units"]) == (40, 37, 3)
        assert (free["meter"], free["amount_fen"]) == ("file.bytes", 0)
        assert digest_of(statement.body) == statement.digest
        fields = Event.objects.get(type="contracts.StatementDrawn").body.fields
        assert fields["root"]["value"] == statement.root
        assert fields["amount_fen"]["value"] == 185

    def test_periods_follow_one_another_and_stay_within_a_month(self, deal, monkeypatch):
        counted(monkeypatch, calls=1)
        first_month = datetime(2026, 4, 1, tzinfo=UTC)

        drawn = [draw(deal, until=START + HOUR), draw(deal), draw(deal), draw(deal)]

        assert [(s.number, s.since, s.until) for s in drawn[:2]] == [
            (1, START, START + HOUR),
            (2, START + HOUR, first_month),
        ]
        assert [s.body["interim"] for s in drawn] == [True, False, False, False]
        assert all(a.until == b.since for a, b in pairwise(drawn))
        assert drawn[-1].until == deal.contract.terms_value.ends_at
        refused(Conflict, "all-stated", lambda: draw(deal))

    def test_while_the_month_runs_a_statement_ends_now(self, monkeypatch):
        counted(monkeypatch)
        deal = factory.make_active()

        statement = draw(deal)

        assert statement.until == statement.drawn_at
        assert statement.body["interim"] is True

    @pytest.mark.parametrize("until", [START, START - HOUR, START + timedelta(days=31, seconds=1)])
    def test_a_period_outside_its_month_is_refused(self, deal, monkeypatch, until):
        counted(monkeypatch)

        refused(Invalid, "until-out-of-range", lambda: draw(deal, until=until))

        assert not Statement.objects.exists()

    def test_the_future_cannot_be_stated(self, monkeypatch):
        counted(monkeypatch)
        deal = factory.make_active()
        until = factory.grant_of(deal).ends_at

        refused(Invalid, "until-out-of-range", lambda: draw(deal, until=until))

    def test_a_term_that_has_not_begun_has_nothing_to_state(self, monkeypatch):
        counted(monkeypatch)
        deal = factory.make_finalized(
            now=START, starts_at=START + 2 * HOUR, ends_at=START + 9 * HOUR
        )
        by = deal.actor("seller")
        refused(Conflict, "not-activated", lambda: draw(deal, now=START))
        grants.activate(deal.contract, by=by, now=START)

        refused(Conflict, "nothing-to-state", lambda: draw(deal, now=START + HOUR))

    def test_usage_that_is_not_drained_leaves_no_statement(self, deal, monkeypatch):
        def totals(*_args, **_kwargs):
            raise Unavailable("usage-not-drained", "…")

        monkeypatch.setattr(usage, "totals", totals)

        refused(Unavailable, "usage-not-drained", lambda: draw(deal))

        assert not Statement.objects.exists()

    def test_seller_staff_and_clock_draw_and_nobody_else(self, deal, monkeypatch):
        counted(monkeypatch)
        buyer, stranger = deal.actor("buyer"), people.actor_of(people.make_buyer())

        refused(
            NotAllowed, "other-side", lambda: statements.draw_statement(deal.contract, by=buyer)
        )
        refused(
            NotFound, "not-found", lambda: statements.draw_statement(deal.contract, by=stranger)
        )
        statements.draw_statement(deal.contract, by=CLOCK)
        statements.draw_statement(deal.contract, by=people.make_reviewer())

        assert Statement.objects.count() == 2

    @pytest.mark.parametrize(
        "change", [{"amount_fen": 0}, {"body": {}}, {"root": "0" * 64}, {"until": START}]
    )
    def test_the_database_keeps_a_drawn_statement(self, deal, monkeypatch, change):
        counted(monkeypatch, calls=2)
        statement = draw(deal)

        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Statement.objects.filter(pk=statement.pk).update(**change)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            statement.delete()


class TestCountersign:
    @pytest.fixture
    def statement(self, deal, monkeypatch):
        """A drawn statement over seven calls."""
        counted(monkeypatch, calls=7)
        return draw(deal, until=START + HOUR)

    def countersign(self, deal, statement, role):
        """The side countersigns."""
        paper = factory.countersignature(deal, statement, role)
        return statements.countersign(statement, **paper, by=deal.actor(role))

    @pytest.mark.parametrize("order", [("seller", "buyer"), ("buyer", "seller")])
    def test_both_sides_countersign_in_either_order(self, deal, statement, order):
        self.countersign(deal, statement, order[0])
        statement.refresh_from_db()
        assert (statement.state, statement.countersigned_at) == ("countersigned_by_one", None)

        last = self.countersign(deal, statement, order[1])

        statement.refresh_from_db()
        assert (statement.state, statement.countersigned_at) == ("countersigned", last.signed_at)
        assert kinds()[-3:] == ["StatementSigned", "StatementSigned", "StatementCountersigned"]
        fields = Event.objects.get(type="contracts.StatementCountersigned").body.fields
        found = {
            name: fields[name]["value"]
            for name in ("contract", "number", "root", "digest", "amount_fen")
        }
        assert found == {
            "contract": deal.contract.id,
            "number": 1,
            "root": statement.root,
            "digest": statement.digest,
            "amount_fen": 35,
        }

    def test_the_same_countersignature_again_counts_once(self, deal, statement):
        row = self.countersign(deal, statement, "buyer")
        before = Event.objects.count()

        again = self.countersign(deal, statement, "buyer")

        assert again.pk == row.pk
        assert (Event.objects.count(), StatementSignature.objects.count()) == (before, 1)

    def test_a_second_signature_of_one_side_is_no_countersignature(self, deal, statement):
        self.countersign(deal, statement, "buyer")
        deal.private["buyer"], key = people.enrol(deal.buyer)
        deal.public["buyer"] = key.public_key

        refused(Conflict, "already-signed", lambda: self.countersign(deal, statement, "buyer"))

        statement.refresh_from_db()
        assert statement.state == "countersigned_by_one"

    def test_a_contract_s_signature_is_none_over_a_statement(self, deal, statement):
        paper = deal.signature("buyer", digest=statement.digest)
        by = deal.actor("buyer")

        refused(
            Invalid,
            "signature-invalid",
            lambda: statements.countersign(statement, **paper, by=by),
        )

    def test_a_stranger_learns_nothing_and_staff_cannot_sign(self, deal, statement):
        paper = factory.countersignature(deal, statement, "buyer")
        stranger, staff = people.actor_of(people.make_buyer()), people.make_reviewer()

        refused(
            NotFound,
            "not-found",
            lambda: statements.countersign(statement, **paper, by=stranger),
        )
        refused(
            NotAllowed,
            "other-side",
            lambda: statements.countersign(statement, **paper, by=staff),
        )


def test_free_meters_cost_nothing_whatever_is_used(monkeypatch):
    deal = factory.make_deal()
    terms = deal.contract.terms_value
    free = replace(terms.meters[0], unit_price_fen=0)
    deal = factory.make_active(meters=(free,))
    counted(monkeypatch, calls=900)

    assert draw(deal).amount_fen == 0


class TestTermination:
    """A gateway hears of an end a moment later; what it admitted till then is stated."""

    @pytest.fixture
    def deal(self):
        """An active contract in real time."""
        return factory.make_active()

    @pytest.fixture
    def held(self, deal):
        """A lease that a gateway holds when the contract is ended."""
        return lease(deal).lease

    @pytest.fixture
    def ended(self, deal, held):
        """The grant, ended while the lease is out."""
        return grants.terminate(deal.contract, reason="…", by=deal.actor("seller"))

    def test_no_lease_is_given_out_after_the_end(self, deal, ended):
        answer = lease(deal)

        assert (answer.outcome, answer.lease) == (quota.Outcome.BUSY, "")
        assert QuotaLease.objects.count() == 1

    def test_the_last_statement_waits_for_every_lease(self, deal, held, ended):
        quota.mark_drained("one", ended.terminated_at + HOUR)

        for options in ({}, {"until": ended.terminated_at}):
            error = refused(
                Unavailable, "usage-not-drained", lambda given=options: draw(deal, **given)
            )
            assert error.data["lease"] == held

        assert not Statement.objects.exists()
        assert draw(deal, until=ended.terminated_at - MOMENT).body["interim"] is True

    def test_it_covers_the_calls_admitted_after_the_end(self, deal, held, ended):
        late = ended.terminated_at + MOMENT
        usage_actions.ingest([used(deal, held, ended.activated_at), used(deal, held, late)])
        quota.settle([held])

        error = refused(
            Invalid,
            "until-before-last-call",
            lambda: draw(deal, until=ended.terminated_at),
        )
        statement = draw(deal)

        assert error.data["not_earlier_than"] == iso(late + timedelta(microseconds=1))
        assert (statement.until, statement.body["interim"]) == (statement.drawn_at, False)
        assert statement.amount_fen == 2 * 5
        refused(Conflict, "all-stated", lambda: draw(deal))

    def test_where_nothing_followed_it_may_end_with_the_termination(self, deal, held, ended):
        quota.settle([held])

        statement = draw(deal, until=ended.terminated_at)

        assert statement.body["interim"] is False
        refused(Conflict, "all-stated", lambda: draw(deal))

    def test_a_supplement_follows_a_statement_that_ended_too_early(self, deal, held, ended):
        quota.settle([held])
        draw(deal, until=ended.terminated_at)
        late = ended.terminated_at + MOMENT
        QuotaLease.objects.update(state="held", settled_at=None)
        QuotaAccount.objects.filter(meter="rows.call").update(leased=125)
        usage_actions.ingest([used(deal, held, late)])
        quota.settle([held])

        supplement = draw(deal)

        assert (supplement.number, supplement.since) == (2, ended.terminated_at)
        assert supplement.amount_fen == 5
        refused(Conflict, "all-stated", lambda: draw(deal))


def lease(deal):
    """A gateway asks for a block of calls."""
    return quota.lease(deal.contract.id, "rows.call", holder="w", segment="one", workers=2)


def used(deal, held, moment):
    """One call at that moment under the lease."""
    us = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    name = f"{uuid7_int():032x}"
    return usage_actions.UsageRecord(
        GATEWAY, name, deal.contract.id, "rows.call", 1, 300, held, "key_1", "completed", us
    )
