"""Four eyes: who may review, recommend and approve, and that refusals leave nothing."""

import pytest
from django.db import IntegrityError, transaction

from accounts import actions as accounts_actions
from accounts.models import User
from accounts.states import Role
from core import search
from core.actors import ANYBODY, COMMAND
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event
from marketplace.actions import products, reviews
from marketplace.models import ProductVersion, Review, ReviewCheck
from marketplace.queries import catalogue, outcomes_of, product_for
from marketplace.states import GateResult, ProductState
from registry.actions import record_encumbrance
from tests.factories import accounts
from tests.factories.marketplace import make_listed, make_stall

pytestmark = pytest.mark.django_db


@pytest.fixture
def stall():
    return make_stall()


def refused(error, effect, product):
    """The refusal of `effect`; product and log stay as they were."""
    state, before = product.state, Event.objects.count()
    with pytest.raises(error) as refusal, transaction.atomic():
        effect()
    product.refresh_from_db()
    assert (product.state, Event.objects.count()) == (state, before)
    return refusal.value


def events_of(product):
    return list(Event.objects.filter(subject=product.pk).values_list("type", flat=True))


def test_a_listing_leaves_every_step_in_the_trail():
    stall = make_listed()

    assert events_of(stall.product) == [
        "marketplace.ProductOpened",
        "marketplace.ProductAmended",
        "marketplace.ProductAmended",
        "marketplace.ProductSubmitted",
        "marketplace.ReviewClaimed",
        *["marketplace.GateAttested"] * 6,
        "marketplace.ListingRecommended",
        "marketplace.ProductListed",
    ]
    listed = Event.objects.get(subject=stall.product.pk, type="marketplace.ProductListed")
    fields = {name: field["value"] for name, field in listed.body.fields.items()}
    assert fields["reviewer"] == stall.reviewer.user_id
    assert fields["approver"] == stall.second.user_id
    assert fields["gates"]["G11"] == "passed"
    assert fields["digest"] == ProductVersion.objects.get(product=stall.product).digest


def test_the_person_who_recommended_cannot_approve(stall):
    stall.to(ProductState.RECOMMENDED)

    error = refused(
        NotAllowed, lambda: reviews.approve(stall.product, by=stall.reviewer), stall.product
    )

    assert error.code == "same-person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.update(approver=stall.reviewer.user_id, approved_at="2026-01-01T00:00Z")


@pytest.mark.parametrize("how", ["member", "interest"])
def test_who_is_affiliated_with_the_seller_can_neither_claim_nor_approve(stall, how):
    person = User.objects.get(pk=stall.second.user_id)
    if how == "member":
        accounts_actions.add_member(stall.seller, user=person, roles=[Role.TRADER], by=COMMAND)
    else:
        accounts_actions.declare_interest(person, organisation=stall.seller, by=stall.second)
    stall.submit()

    claim = refused(
        NotAllowed, lambda: reviews.claim(stall.product, by=stall.second), stall.product
    )
    stall.claim()
    stall.check_all()
    stall.recommend()
    approve = refused(
        NotAllowed, lambda: reviews.approve(stall.product, by=stall.second), stall.product
    )

    assert (claim.code, approve.code) == ("affiliated", "affiliated")


def test_only_the_reviewer_who_claimed_works_the_checklist(stall):
    stall.to(ProductState.IN_REVIEW)

    error = refused(
        NotAllowed,
        lambda: reviews.record_check(
            stall.product, gate="G4", result="pass", evidence="x", by=stall.second
        ),
        stall.product,
    )

    assert error.code == "another-reviewer"


def test_seller_and_stranger_review_nothing(stall):
    stall.to(ProductState.SUBMITTED)
    stranger = accounts.actor_of(accounts.make_buyer())

    own = refused(NotAllowed, lambda: reviews.claim(stall.product, by=stall.trader), stall.product)
    refused(NotFound, lambda: reviews.claim(stall.product, by=stranger), stall.product)
    refused(NotFound, lambda: reviews.claim(stall.product, by=ANYBODY), stall.product)

    assert own.code == "role-needed"


@pytest.mark.parametrize(
    ("statement", "error", "code"),
    [
        ({"gate": "G1", "result": "pass", "evidence": "担保函"}, Conflict, "gate-computed"),
        ({"gate": "G4", "result": "pass"}, Invalid, "evidence-missing"),
        ({"gate": "G4", "result": "fail"}, Invalid, "comment-missing"),
        ({"gate": "G99", "result": "pass", "evidence": "x"}, Invalid, "gate-unknown"),
    ],
)
def test_a_statement_needs_its_ground_and_changes_no_computed_gate(stall, statement, error, code):
    stall.to(ProductState.IN_REVIEW)

    def state():
        reviews.record_check(stall.product, **statement, by=stall.reviewer)

    assert refused(error, state, stall.product).code == code
    assert ReviewCheck.objects.count() == 0


def test_a_missing_or_failed_statement_blocks_the_recommendation_naming_the_gate(stall):
    stall.to(ProductState.IN_REVIEW)
    stall.check_all(but="G7")

    missing = refused(Conflict, stall.recommend, stall.product)
    reviews.record_check(
        stall.product, gate="G7", result="fail", comment="完整性 61 分。", by=stall.reviewer
    )
    failed = refused(Conflict, stall.recommend, stall.product)
    stall.check("G7")
    stall.recommend()

    assert (missing.code, missing.data["gate"]) == ("gate-shut", "G7")
    assert "完整性 61 分。" in str(failed.message)
    assert stall.product.state == ProductState.RECOMMENDED


def test_a_gate_that_shuts_after_the_recommendation_blocks_the_approval(stall):
    stall.to(ProductState.RECOMMENDED)
    record_encumbrance(
        stall.certificate.asset,
        kind="pledge",
        authority="示例法院",
        document_sha256="a" * 64,
        by=accounts.make_administrator(),
    )

    error = refused(Conflict, stall.approve, stall.product)

    assert (error.code, error.data["gate"]) == ("gate-shut", "G2")
    assert error.remedy
    assert search.search("product", "区划").total == 0


def test_what_is_not_listed_can_be_neither_found_nor_seen(stall):
    stall.to(ProductState.LISTED)
    seen = catalogue("区划").total, product_for(stall.product.pk, ANYBODY).pk

    reviews.suspend(stall.product, reason="核查。", by=stall.reviewer)
    hidden = catalogue("区划").total
    with pytest.raises(NotFound):
        product_for(stall.product.pk, ANYBODY)
    reviews.restore(stall.product, by=stall.reviewer)

    assert seen == (1, stall.product.pk)
    assert (hidden, catalogue("区划").total) == (0, 1)


def test_attested_gates_are_shown_with_their_evidence(stall):
    stall.to(ProductState.LISTED)

    outcomes = {o.gate.id: o for o in outcomes_of(stall.product, stall.product.listed_at)}

    assert outcomes["G6"].result == GateResult.PASSED
    assert outcomes["G6"].evidence == "示例材料-G6"
    assert outcomes["G2"].evidence == ""


def test_evidence_of_a_review_never_changes(stall):
    stall.to(ProductState.LISTED)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ReviewCheck.objects.all().delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ProductVersion.objects.update(digest="0" * 64)


def test_a_returned_product_needs_a_new_review(stall):
    stall.to(ProductState.IN_REVIEW)
    stall.check_all()
    reviews.send_back(stall.product, reason="补充说明。", by=stall.reviewer)
    products.submit(stall.product, by=stall.trader)

    stall.claim()
    error = refused(Conflict, stall.recommend, stall.product)

    assert error.data["gate"] == "G4"
    assert Review.objects.count() == 2
