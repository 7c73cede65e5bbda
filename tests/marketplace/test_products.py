"""Describing and submitting: what a draft refuses, and what a submission freezes."""

import pytest
from django.db import transaction

from contracts.policy import Constraint, Policy, Rule
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event
from marketplace.actions import products, zones
from marketplace.descriptions import digest_of
from marketplace.models import Product, ProductVersion, Zone
from marketplace.states import ProductState
from tests.factories import accounts, registry
from tests.factories.marketplace import make_listed, make_plan, make_policy, make_stall, make_zone

pytestmark = pytest.mark.django_db


def refused(error, effect):
    """The refusal; nothing was recorded and no version written."""
    before = Event.objects.count(), ProductVersion.objects.count()
    with pytest.raises(error) as refusal, transaction.atomic():
        effect()
    assert (Event.objects.count(), ProductVersion.objects.count()) == before
    return refusal.value


def test_a_submission_freezes_what_was_described():
    stall = make_stall()

    version = products.submit(stall.product, by=stall.trader)

    described = version.description
    assert version.number == 1
    assert version.digest == digest_of(described)
    assert described["asset"] == {
        "id": stall.certificate.asset_id,
        "version": stall.certificate.version_id,
        "code": stall.certificate.code,
        "manifest_sha256": stall.certificate.version.manifest_sha256,
    }
    assert described["forms"] == ["rows", "file"]
    assert [share["bps"] for share in described["split"]] == [500, 300, 600]
    assert described["split"][0]["party"] == stall.service.pk
    assert version.entry("plans", stall.plan.pk)["unit_price_fen"] == 37
    assert version.entry("scenarios", "scn_none") is None
    assert stall.fresh().state == ProductState.SUBMITTED


@pytest.mark.parametrize(
    ("gate", "spoil"),
    [
        ("D2", None),
        ("D1", lambda stall: products.drop_plan(stall.plan, by=stall.trader)),
        ("G8", lambda stall: products.drop_scenario(stall.scenario, by=stall.trader)),
    ],
)
def test_a_shut_gate_blocks_the_submission_naming_itself(gate, spoil):
    stall = make_stall(deposit=spoil is not None)
    if spoil:
        spoil(stall)

    error = refused(Conflict, lambda: products.submit(stall.product, by=stall.trader))

    assert (error.code, error.data["gate"]) == ("gate-shut", gate)
    assert error.remedy
    assert error.basis
    assert stall.fresh().state == ProductState.DRAFT


def test_a_file_that_is_no_table_cannot_be_served_as_rows():
    stall = make_stall(path=registry.make_file(chunks=1))

    error = refused(Conflict, lambda: products.submit(stall.product, by=stall.trader))

    assert error.data["gate"] == "D3"


def test_a_scenario_whose_purpose_the_policy_denies_is_caught():
    only = Rule("use", (Constraint("purpose", "eq", ("学术研究",)),))
    stall = make_stall(policy=Policy((only,)).to_json())

    error = refused(Conflict, lambda: products.submit(stall.product, by=stall.trader))

    assert error.data["gate"] == "G8"


def test_an_asset_without_a_certificate_is_not_submitted():
    story = registry.Story()
    product = products.open_product(
        story.case.asset,
        zone=make_zone(),
        name="未登记产品",
        overview="无。",
        offers_file=False,
        policy=make_policy(),
        by=story.applicant,
    )
    make_plan(product)

    error = refused(Conflict, lambda: products.submit(product, by=story.applicant))

    assert error.data["gate"] == "G2"


def test_another_holders_asset_does_not_exist_for_a_seller():
    stall = make_stall()
    other = accounts.actor_of(accounts.make_seller())

    def open_other():
        products.open_product(
            stall.certificate.asset,
            zone=stall.product.zone,
            name="他人资产",
            overview="无。",
            offers_file=False,
            policy=make_policy(),
            by=other,
        )

    assert refused(NotFound, open_other).code == "not-found"


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"policy": {"@type": "Set"}}, Invalid, "policy-missing"),
        ({"service_bps": 0}, Invalid, "service-share"),
        ({"service_bps": 9_101}, Invalid, "shares-exceed-whole"),
        ({"service": None}, Invalid, "service-share"),
    ],
)
def test_a_description_that_cannot_hold_is_refused(changes, error, code):
    with pytest.raises(error) as refusal, transaction.atomic():
        make_stall(**changes)

    assert refusal.value.code == code
    assert Product.objects.count() == 0


def test_demonstrations_and_real_members_share_no_settlement():
    with pytest.raises(Invalid) as refusal:
        make_stall(accounts.make_seller(demo=True), service=accounts.make_service(demo=False))

    assert refusal.value.code == "service-demonstration"
    assert not Product.objects.exists()


def test_a_seller_takes_no_service_share_of_its_own_product():
    seller = accounts.make_service()

    with pytest.raises(Invalid) as refusal, transaction.atomic():
        make_stall(seller, service=seller)

    assert refusal.value.code == "not-a-service-institution"


def test_names_purposes_and_plans_are_not_doubled():
    stall = make_stall(name="区划接口")

    same_plan = refused(Conflict, lambda: make_plan(stall.product))
    with pytest.raises(Conflict) as same_name, transaction.atomic():
        make_stall(stall.seller, certificate=stall.certificate, name="区划接口", deposit=False)

    assert (same_plan.code, same_name.value.code) == ("plan-doubled", "product-name")


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"quota_min": 2, "quota_max": 1}, "quota-order"), ({"file_bytes": 5}, "file-not-offered")],
)
def test_a_plan_that_cannot_hold_is_refused(changes, code):
    stall = make_stall(offers_file=False)

    error = refused(Invalid, lambda: make_plan(stall.product, name="另一方案", **changes))

    assert error.code == code


def test_what_was_listed_cannot_be_amended():
    stall = make_listed()
    buyer = accounts.actor_of(accounts.make_buyer())

    denied = refused(
        NotAllowed,
        lambda: products.add_plan(
            stall.product, name="x", unit_price_fen=1, quota_min=1, quota_max=2, by=buyer
        ),
    )

    assert denied.code == "not-the-seller"


def test_eight_zones_and_no_ninth():
    admin = accounts.make_administrator()
    for number in range(8):
        zone = make_zone(f"专区{number}")
    reviewer = accounts.make_reviewer()

    full = refused(Conflict, lambda: make_zone("第九专区"))
    denied = refused(
        NotAllowed,
        lambda: zones.open_zone(name="x", scope="x", exchange_bps=0, tax_bps=0, by=reviewer),
    )
    fees = refused(
        Invalid,
        lambda: zones.open_zone(name="x", scope="x", exchange_bps=9_999, tax_bps=2, by=admin),
    )

    assert (zone.slot, Zone.objects.count()) == (8, 8)
    assert (full.code, denied.code, fees.code) == ("zones-full", "role-needed", "fees-exceed-whole")
