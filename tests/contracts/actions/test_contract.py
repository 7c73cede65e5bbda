"""Negotiating and signing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import actions as accounts_actions
from accounts import queries as accounts
from accounts.states import Role
from contracts.actions import contract as negotiation
from contracts.models import Contract, Grant, Offer, Signature
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event, EventSubject
from tests.factories import accounts as people
from tests.factories import contracts as factory

pytestmark = pytest.mark.django_db


def kinds():
    """Types of the room's events, oldest first."""
    rows = Event.objects.filter(type__startswith="contracts.").order_by("id")
    return [name.removeprefix("contracts.") for name in rows.values_list("type", flat=True)]


def refused(error, code, call):
    """Assert that `call` raises `error` with `code` and leaves no event behind."""
    before = Event.objects.count()
    with pytest.raises(error) as refusal, transaction.atomic():
        call()
    assert refusal.value.code == code
    assert Event.objects.count() == before
    return refusal.value


class TestRequest:
    def test_the_terms_are_kept_as_canonical_value_with_their_digest(self):
        seller, buyer = people.make_seller(), people.make_buyer()
        terms = factory.make_terms(seller, buyer)

        contract = negotiation.request(terms, by=people.actor_of(buyer))

        assert contract.state == "requested"
        assert contract.terms == terms.canonical()
        assert contract.digest == terms.digest
        assert contract.terms_value == terms
        assert list(Offer.objects.values_list("number", "role", "digest")) == [
            (1, "buyer", terms.digest)
        ]
        assert kinds() == ["ContractRequested"]

    def test_the_event_is_about_contract_goods_and_parties(self):
        deal = factory.make_deal()

        event = Event.objects.get(type="contracts.ContractRequested")

        refs = set(EventSubject.objects.filter(event=event).values_list("ref", flat=True))
        terms = deal.contract.terms
        assert event.subject == deal.contract.id
        assert refs == {
            deal.contract.id,
            terms["product"]["id"],
            terms["asset"]["id"],
            deal.seller.id,
            deal.buyer.id,
        }

    def test_only_the_buyer_asks(self):
        seller, buyer = people.make_seller(), people.make_buyer()
        terms = factory.make_terms(seller, buyer)
        by = people.actor_of(seller)

        refused(NotAllowed, "not-the-buyer", lambda: negotiation.request(terms, by=by))

        assert not Contract.objects.exists()

    def test_the_same_terms_twice_are_refused(self):
        deal = factory.make_deal()
        terms, by = deal.contract.terms_value, deal.actor("buyer")

        refused(Conflict, "terms-already-used", lambda: negotiation.request(terms, by=by))

    def test_terms_of_another_exchange_are_refused(self):
        seller, buyer = people.make_seller(), people.make_buyer()
        terms = factory.make_terms(seller, buyer, origin="elsewhere.example/log")
        by = people.actor_of(buyer)

        refused(Invalid, "terms-origin", lambda: negotiation.request(terms, by=by))

    def test_an_unqualified_seller_is_refused(self):
        seller, buyer = people.make_applicant(), people.make_buyer()
        terms, by = factory.make_terms(seller, buyer), people.actor_of(buyer)

        refused(NotAllowed, "not-qualified", lambda: negotiation.request(terms, by=by))

    def test_a_real_member_cannot_date_a_request_in_the_past(self):
        seller, buyer = people.make_seller(demo=False), people.make_buyer(demo=False)
        terms, by = factory.make_terms(seller, buyer), people.actor_of(buyer)
        past = timezone.now() - timedelta(days=2)

        refused(Invalid, "effective-at-past", lambda: negotiation.request(terms, by=by, now=past))


class TestNegotiation:
    def test_proposals_go_back_and_forth_and_all_are_kept(self):
        deal = factory.make_deal()
        first = deal.contract.terms_value

        offered = negotiation.offer(
            deal.contract, terms=factory.cheaper(deal.contract), by=deal.actor("seller")
        )
        countered = negotiation.counter(
            offered, terms=factory.cheaper(offered), by=deal.actor("buyer")
        )
        agreed = negotiation.agree(countered, by=deal.actor("seller"))

        assert [m.unit_price_fen for m in agreed.terms_value.meters] == [3, 0]
        assert agreed.terms_value.revises(first)
        rows = Offer.objects.order_by("number")
        assert [(row.number, row.role) for row in rows] == [
            (1, "buyer"),
            (2, "seller"),
            (3, "buyer"),
        ]
        assert [row.terms["meters"][0]["unit_price_fen"] for row in rows] == [5, 4, 3]
        assert kinds() == [
            "ContractRequested",
            "ContractOffered",
            "ContractRequested",
            "ContractAgreed",
        ]

    def test_a_proposal_cannot_touch_the_shares_of_others(self):
        deal = factory.make_deal()
        terms, by = replace(deal.contract.terms_value, split=()), deal.actor("seller")

        refused(
            Invalid, "terms-fixed", lambda: negotiation.offer(deal.contract, terms=terms, by=by)
        )

        assert deal.fresh().digest == deal.contract.digest

    def test_each_step_belongs_to_its_side(self):
        deal = factory.make_deal()
        seller, buyer = deal.actor("seller"), deal.actor("buyer")
        terms = factory.cheaper(deal.contract)

        refused(
            NotAllowed,
            "other-side",
            lambda: negotiation.offer(deal.contract, terms=terms, by=buyer),
        )
        refused(NotAllowed, "other-side", lambda: negotiation.agree(deal.contract, by=buyer))
        refused(NotAllowed, "other-side", lambda: negotiation.accept(deal.contract, by=seller))

    def test_a_stranger_learns_nothing(self):
        deal = factory.make_deal()
        stranger = people.actor_of(people.make_buyer())

        refused(NotFound, "not-found", lambda: negotiation.agree(deal.contract, by=stranger))

    def test_a_member_without_the_role_is_refused(self):
        deal = factory.make_deal()
        auditor = people.make_member(deal.seller, Role.AUDITOR)

        refused(NotAllowed, "role-needed", lambda: negotiation.agree(deal.contract, by=auditor))

    @pytest.mark.parametrize("make", [factory.make_agreed, factory.make_verified])
    @pytest.mark.parametrize("leaving", ["seller", "buyer"])
    def test_either_side_may_leave_until_both_have_signed(self, make, leaving):
        deal = make()

        negotiation.terminate(deal.contract, reason="不签了", by=deal.actor(leaving))

        assert deal.fresh().state == "terminated"
        event = Event.objects.get(type="contracts.ContractTerminated")
        assert event.body.fields["role"]["value"] == leaving

    def test_the_reason_of_leaving_is_kept(self):
        deal = factory.make_agreed()

        negotiation.terminate(deal.contract, reason="预算取消", by=deal.actor("buyer"))

        contract = deal.fresh()
        assert (contract.state, contract.termination_reason) == ("terminated", "预算取消")
        event = Event.objects.get(type="contracts.ContractTerminated")
        assert event.body.fields["reason"]["value"] == "预算取消"
        assert event.body.fields["role"]["value"] == "buyer"

    def test_the_database_refuses_other_terms_once_agreed(self):
        deal = factory.make_agreed()

        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Contract.objects.filter(pk=deal.contract.pk).update(digest="0" * 64)

        assert deal.fresh().digest == deal.contract.digest


class TestSign:
    def test_the_buyer_signs_then_the_seller_and_the_grant_waits(self):
        deal = factory.make_agreed()

        first = factory.sign(deal, "buyer")
        assert (first.role, deal.contract.state) == ("buyer", "verified")
        second = factory.sign(deal, "seller")

        assert (second.role, deal.contract.state) == ("seller", "finalized")
        grant = Grant.objects.get(contract=deal.contract)
        terms = deal.contract.terms_value
        assert (grant.state, grant.starts_at, grant.ends_at) == (
            "pending",
            terms.starts_at,
            terms.ends_at,
        )
        assert kinds()[-3:] == ["ContractSigned", "ContractSigned", "ContractFinalized"]

    def test_the_event_discloses_what_was_signed(self):
        deal = factory.make_agreed()

        row = factory.sign(deal, "buyer")

        fields = Event.objects.get(type="contracts.ContractSigned").body.fields
        assert {name: fields[name]["value"] for name in ("digest", "role", "public_key")} == {
            "digest": deal.contract.digest,
            "role": "buyer",
            "public_key": deal.public["buyer"],
        }
        assert fields["signature"]["value"] == row.signature

    def test_the_same_signature_again_counts_once(self):
        deal = factory.make_agreed()
        row = factory.sign(deal, "buyer")
        before = Event.objects.count()

        again = factory.sign(deal, "buyer")

        assert again.pk == row.pk
        assert Event.objects.count() == before
        assert Signature.objects.count() == 1

    def test_the_seller_waits_for_the_buyer(self):
        deal = factory.make_agreed()
        paper, by = deal.signature("seller"), deal.actor("seller")

        error = refused(
            WrongState,
            "wrong-state",
            lambda: negotiation.sign(deal.contract, **paper, by=by),
        )

        assert (error.data["state"], error.data["verb"]) == ("agreed", "finalize")

    def refusal(self, deal, error, code, **paper):
        """Assert that the buyer's `paper` is refused and nothing is written."""
        by = deal.actor("buyer")
        found = refused(error, code, lambda: negotiation.sign(deal.contract, **paper, by=by))
        assert not Signature.objects.exists()
        assert deal.fresh().state == "agreed"
        return found

    def test_another_digest_is_refused(self):
        deal = factory.make_agreed()

        self.refusal(deal, Invalid, "signature-invalid", **deal.signature("buyer", digest="0" * 64))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("digest", "0" * 64),
            ("role", "seller"),
            ("purpose", "statement"),
            ("origin", "elsewhere.example/log"),
        ],
    )
    def test_what_the_signer_says_to_have_signed_must_be_what_waits(self, name, value):
        deal = factory.make_agreed()

        error = self.refusal(
            deal, Invalid, f"{name}-mismatch", **deal.signature("buyer"), stated={name: value}
        )
        assert error.field == name

    def test_another_purpose_is_refused(self):
        deal = factory.make_agreed()

        self.refusal(
            deal, Invalid, "signature-invalid", **deal.signature("buyer", purpose="statement")
        )

    def test_the_role_of_the_other_side_is_refused(self):
        deal = factory.make_agreed()
        deal.private["seller"] = deal.private["buyer"]
        paper = deal.signature("seller") | {"public_key": deal.public["buyer"]}

        self.refusal(deal, Invalid, "signature-other-role", **paper)

    def test_a_key_of_the_other_side_is_refused(self):
        deal = factory.make_agreed()
        deal.private["buyer"] = deal.private["seller"]
        paper = deal.signature("buyer") | {"public_key": deal.public["seller"]}

        self.refusal(deal, NotFound, "key-not-enrolled", **paper)

    def test_a_key_that_nobody_enrolled_is_refused(self):
        deal = factory.make_agreed()
        deal.private["buyer"], public = people.make_private_key()

        self.refusal(
            deal, NotFound, "key-not-enrolled", **deal.signature("buyer") | {"public_key": public}
        )

    def test_a_revoked_key_is_refused(self):
        deal = factory.make_agreed()
        paper, by = deal.signature("buyer"), deal.actor("buyer")
        key = accounts.signing_key(deal.buyer, deal.public["buyer"], timezone.now())
        accounts_actions.revoke_key(key, reason="遗失", by=by)

        self.refusal(deal, WrongState, "key-revoked", **paper)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"public_key": "A" * 64}, "public-key-form"),
            ({"public_key": ""}, "public-key-form"),
            ({"signature": "ff"}, "signature-form"),
            ({"signature": "0" * 128}, "signature-invalid"),
        ],
    )
    def test_what_is_no_key_or_signature_is_refused(self, change, code):
        deal = factory.make_agreed()

        self.refusal(deal, Invalid, code, **deal.signature("buyer") | change)

    def test_the_signer_must_be_of_the_party(self):
        deal = factory.make_agreed()
        paper = deal.signature("buyer")
        trader = people.make_member(deal.buyer, Role.TRADER)
        staff = people.make_reviewer()
        stranger = people.actor_of(people.make_buyer())

        for by, error, code in (
            (trader, NotAllowed, "role-needed"),
            (staff, NotAllowed, "other-side"),
            (stranger, NotFound, "not-found"),
        ):
            refused(error, code, lambda by=by: negotiation.sign(deal.contract, **paper, by=by))

    def test_a_signature_cannot_precede_the_agreement(self):
        now = datetime(2026, 3, 1, tzinfo=UTC)
        deal = factory.make_agreed(now=now, starts_at=now, ends_at=now + timedelta(days=30))
        paper, by = deal.signature("buyer"), deal.actor("buyer")

        refused(
            Invalid,
            "effective-at-order",
            lambda: negotiation.sign(deal.contract, **paper, by=by, now=now - timedelta(seconds=1)),
        )

    def test_demonstration_contracts_may_be_dated_in_the_past(self):
        now = datetime(2026, 3, 1, tzinfo=UTC)

        deal = factory.make_finalized(now=now, starts_at=now, ends_at=now + timedelta(days=30))

        assert deal.contract.finalized_at == now
        event = Event.objects.get(type="contracts.ContractFinalized")
        assert (event.effective_at, event.demo) == (now, True)
        assert event.recorded_at > now
