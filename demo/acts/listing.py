"""Act 3: a product on the asset: deposited, gated, reviewed by two, listed in a zone."""

from __future__ import annotations

from datetime import timedelta

from accounts.actions import declare_interest
from contracts.policy import Constraint, Policy, Rule
from core.errors import DomainError
from core.models import Event
from delivery.actions import deposit
from demo.acts.registration import NAME
from demo.world import DATA, World
from marketplace.actions import products, reviews, zones
from marketplace.gates import GATES
from marketplace.models import Product
from marketplace.queries.gates import outcomes_of
from marketplace.states import CheckResult, GateKind

PURPOSE = "城市规划"
EVIDENCE = {
    "G4": "示例定级表 DJ-2026-011：一般数据 1 级",
    "G5": "示例说明 GR-2026-011：不含个人信息",
    "G6": "示例合规意见书 HG-2026-011",
    "G7": "示例质量报告 ZL-2026-011：96 分",
    "G9": "示例说明 GG-2026-011：不含未公开的公共数据",
    "G10": "示例说明 KJ-2026-011：不出境",
}


def play(world: World) -> None:
    """Zone, deposit, product, gates, checklist, second person, listed."""
    world.tell.act(3, "Listing 挂牌: 不合规不挂牌、无场景不交易")
    world.clock += timedelta(hours=10)
    zone = zones.open_zone(
        name="时空地理", scope="区划、地址、影像", exchange_bps=300, tax_bps=600,
        by=world.actor("chen"), now=world.later(minutes=5),
    )  # fmt: skip
    product = describe(world, zone)
    hand_over(world, product)
    review(world, product)
    world.thing["product"] = Product.objects.get(pk=product.pk)


def describe(world: World, zone: object) -> Product:
    """The seller's draft: rows and file, one plan, one scenario, one policy, a service share."""
    policy = Policy(
        (Rule("use", (Constraint("purpose", "isAnyOf", (PURPOSE, "学术研究")),
                      Constraint("spatial", "isPartOf", ("500000",)))),),
        (Rule("distribute"),),
    )  # fmt: skip
    seller = world.actor("seller")
    product = products.open_product(
        world.thing["asset"],
        zone=zone,
        name=f"{NAME}（接口与文件）",
        overview="按区县、镇街查询村（居）委会及其统计用区划代码；可下载整份文件。",
        offers_file=True,
        policy=policy.to_json(),
        service=world.organisation("service"),
        service_bps=500,
        by=seller,
        now=world.later(minutes=5),
    )
    products.add_plan(
        product, name="按次（月度额度）", unit_price_fen=7, quota_min=1, quota_max=100_000,
        file_bytes=3 * DATA.stat().st_size, by=seller, now=world.later(minutes=1),
    )  # fmt: skip
    products.add_scenario(
        product, purpose=PURPOSE, summary="核对规划范围内的行政区划代码",
        prohibited_uses=["转售或公开原始数据", "用于识别自然人"],
        by=seller, now=world.later(minutes=1),
    )  # fmt: skip
    world.tell.say("product drafted", product=product.pk)
    return product


def hand_over(world: World, product: Product) -> None:
    """The file is deposited: another is refused, the registered one is kept encrypted."""
    seller, version = world.actor("seller"), world.thing["version"]
    other = world.folder("seller") / "other.csv"
    other.write_bytes(DATA.read_bytes()[:-1] + b"\n\n")
    events = Event.objects.count()
    code = ""
    try:
        with other.open("rb") as file:
            deposit(version, content=file, by=seller, now=world.later(minutes=1))
    except DomainError as error:
        code = error.code
    world.tell.check(
        "another file cannot be deposited", bool(code) and Event.objects.count() == events, code
    )
    with DATA.open("rb") as file:
        kept = deposit(version, content=file, by=seller, now=world.later(minutes=1))
    world.tell.say("registered file deposited, encrypted at rest", deposit=kept.pk)
    products.submit(product, by=seller, now=world.later(minutes=5))


def review(world: World, product: Product) -> None:
    """One reviewer works the checklist; the second person must be another, and unaffiliated."""
    he = world.actor("he")
    reviews.claim(product, by=he, now=world.later(hours=1))
    for gate in GATES:
        if gate.kind == GateKind.ATTESTED:
            reviews.record_check(
                product, gate=gate.id, result=CheckResult.PASS, evidence=EVIDENCE[gate.id],
                by=he, now=world.later(minutes=3),
            )  # fmt: skip
    for outcome in outcomes_of(Product.objects.get(pk=product.pk), world.clock):
        kind = (
            "computed"
            if outcome.gate.kind == GateKind.COMPUTED
            else f"attested: {outcome.evidence}"
        )
        world.tell.say(f"gate {outcome.gate.id:<3} {outcome.result}", how=kind)
    reviews.recommend(product, by=he, now=world.later(minutes=10))
    refused(world, product, "he", "the same person approving")
    user, _exchange = world.member["lin"]
    declare_interest(
        user, organisation=world.organisation("seller"),
        by=world.actor("lin"), now=world.later(minutes=1),
    )  # fmt: skip
    refused(world, product, "lin", "a person affiliated with the seller approving")
    listed = reviews.approve(product, by=world.actor("gao"), now=world.later(hours=1))
    world.tell.check(
        "listed by a second person", listed.state == "listed", f"{listed.pk} in 时空地理"
    )


def refused(world: World, product: Product, person: str, what: str) -> None:
    """An approval that must not be possible, and leaves nothing."""
    before, code = Event.objects.count(), ""
    try:
        reviews.approve(product, by=world.actor(person), now=world.later(minutes=1))
    except DomainError as error:
        code = error.code
    world.tell.check(f"{what} is refused", bool(code) and Event.objects.count() == before, code)
