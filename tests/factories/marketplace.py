"""Products and orders at each stage, made through the actions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from contracts import partitions
from contracts.actions import contract as negotiation
from contracts.actions import grant as grants
from contracts.actions import quota, usage
from contracts.actions import statement as statements
from contracts.actions.usage import UsageRecord
from contracts.models import Statement
from core.actors import Actor
from core.deliveries import deliver_due
from core.ids import uuid7_int
from delivery.actions import deposits
from marketplace.actions import orders, products, reviews, wallets, zones
from marketplace.gates import GATES
from marketplace.models import Order, Plan, Product, Review, Scenario, Zone
from marketplace.states import GateKind, OrderState, ProductState
from registry.models import Certificate
from tests.factories import accounts, contracts, registry

NUMBERS = itertools.count(1)
PURPOSE = "城市规划"
PRICE_FEN = 37
QUOTA = 1000
MONTH = timedelta(days=28)


def make_zone(name: str = "成渝专区", *, exchange_bps: int = 300, tax_bps: int = 600) -> Zone:
    """The zone of that name, opened on first use."""
    if found := Zone.objects.filter(name=name).first():
        return found
    return zones.open_zone(
        name=name,
        scope="成渝地区双城经济圈的数据产品。",
        exchange_bps=exchange_bps,
        tax_bps=tax_bps,
        by=accounts.make_administrator(),
    )


def make_policy(*purposes: str) -> dict[str, Any]:
    """An ODRL policy that permits these purposes."""
    return contracts.make_policy(purposes=purposes or (PURPOSE, "学术研究"), count=10**6).to_json()


@dataclass
class Stall:
    """A seller's product with everybody who has a hand in it."""

    seller: Organisation
    certificate: Certificate
    product: Product
    plan: Plan
    scenario: Scenario
    service: Organisation
    path: Path
    reviewer: Actor = field(default_factory=accounts.make_reviewer)
    second: Actor = field(default_factory=accounts.make_reviewer)

    @property
    def trader(self) -> Actor:
        """The seller's first member."""
        return accounts.actor_of(self.seller)

    def fresh(self) -> Product:
        """The product as it is stored."""
        return Product.objects.get(pk=self.product.pk)

    def submit(self) -> Stall:
        """Hand the product in."""
        products.submit(self.product, by=self.trader)
        return self

    def claim(self) -> Review:
        """The first reviewer takes it on."""
        return reviews.claim(self.product, by=self.reviewer)

    def check_all(self, *, but: str = "") -> None:
        """The first reviewer attests every gate that needs it, but one."""
        for gate in GATES:
            if gate.kind == GateKind.ATTESTED and gate.id != but:
                self.check(gate.id)

    def check(self, gate: str) -> None:
        """The first reviewer attests one gate."""
        reviews.record_check(
            self.product,
            gate=gate,
            result="pass",
            evidence=f"示例材料-{gate}",
            by=self.reviewer,
        )

    def recommend(self) -> None:
        """The first reviewer recommends."""
        reviews.recommend(self.product, by=self.reviewer)

    def approve(self) -> None:
        """The second person approves."""
        reviews.approve(self.product, by=self.second)

    def to(self, state: ProductState | str) -> Product:
        """Bring a new stall's product to `state`."""
        for step in STEPS[ProductState(state)]:
            getattr(self, step)()
        reason = "测试原因。"
        if state == ProductState.SENT_BACK:
            reviews.send_back(self.product, reason=reason, by=self.reviewer)
        elif state == ProductState.REFUSED:
            reviews.refuse(self.product, reason=reason, by=self.reviewer)
        elif state == ProductState.SUSPENDED:
            reviews.suspend(self.product, reason=reason, by=self.reviewer)
        elif state == ProductState.DELISTED:
            reviews.delist(self.product, reason=reason, by=self.trader)
        return self.product


P = ProductState
IN_REVIEW = ("submit", "claim")
LISTED = (*IN_REVIEW, "check_all", "recommend", "approve")
STEPS: dict[ProductState, tuple[str, ...]] = {
    P.DRAFT: (),
    P.SUBMITTED: ("submit",),
    P.IN_REVIEW: IN_REVIEW,
    P.RECOMMENDED: LISTED[:-1],
    P.SENT_BACK: IN_REVIEW,
    P.REFUSED: IN_REVIEW,
    P.LISTED: LISTED,
    P.SUSPENDED: LISTED,
    P.DELISTED: LISTED,
}


def make_stall(
    seller: Organisation | None = None,
    *,
    certificate: Certificate | None = None,
    path: Path | None = None,
    name: str = "",
    deposit: bool = True,
    **changes: Any,
) -> Stall:
    """A draft that passes every computed gate; `changes` go to `open_product`."""
    seller = seller or accounts.make_seller()
    path = path or registry.make_table()
    certificate = certificate or registry.make_certificate(seller, path=path)
    service = accounts.make_service()
    if deposit:
        make_deposit(certificate, path)
    stated: dict[str, Any] = {
        "zone": make_zone(),
        "name": name or f"重庆市村级行政区划代码接口 {next(NUMBERS)}",
        "overview": "按区县查询村和社区的代码、名称与隶属关系。",
        "offers_file": True,
        "policy": make_policy(),
        "service": service,
        "service_bps": 500,
        "by": accounts.actor_of(seller),
    }
    product = products.open_product(certificate.asset, **{**stated, **changes})
    scenario = products.add_scenario(
        product,
        purpose=PURPOSE,
        summary="按区县统计社区数量，用于设施布局。",
        prohibited_uses=["转售原始数据", "识别个人"],
        by=stated["by"],
    )
    plan = make_plan(product)
    return Stall(seller, certificate, product, plan, scenario, service, path)


def make_deposit(certificate: Certificate, path: Path) -> None:
    """The certified file is handed over for delivery."""
    by = accounts.actor_of(certificate.asset.holder)
    deposits.deposit(certificate.version, [path.read_bytes()], by=by)


def make_plan(product: Product, **changes: Any) -> Plan:
    """A per-call plan with a month's quota."""
    stated: dict[str, Any] = {
        "name": "按次",
        "unit_price_fen": PRICE_FEN,
        "quota_min": 1,
        "quota_max": 10_000,
        "file_bytes": 10**8 if product.offers_file else 0,
        "by": accounts.actor_of(product.seller),
    }
    return products.add_plan(product, **{**stated, **changes})


def make_listed(seller: Organisation | None = None, **options: Any) -> Stall:
    """A listed product."""
    stall = make_stall(seller, **options)
    stall.to(ProductState.LISTED)
    return stall


@dataclass
class Trade:
    """An order with its two sides, who can act, pay and sign."""

    stall: Stall
    buyer: Organisation
    order: Order
    deal: contracts.Deal
    began_at: datetime = field(default_factory=timezone.now)

    @property
    def trader(self) -> Actor:
        """The buyer's first member."""
        return accounts.actor_of(self.buyer)

    def fresh(self) -> Order:
        """The order as it is stored."""
        return Order.objects.select_related("contract").get(pk=self.order.pk)

    def accept(self) -> None:
        """The seller accepts."""
        self.order = orders.accept_order(self.order, by=self.stall.trader)
        self.deal.contract = self.deal.fresh()

    def pay_in(self, amount_fen: int | None = None) -> None:
        """The buyer's wallet receives the order's price, or another amount."""
        amount = self.order.price_fen if amount_fen is None else amount_fen
        wallets.top_up_wallet(self.buyer, amount_fen=amount, by=accounts.make_administrator())

    def fund(self) -> None:
        """The buyer pays in and funds the order."""
        self.pay_in()
        self.order = orders.fund_order(self.order, by=self.trader)

    def sign(self) -> None:
        """Both sides sign, and handlers have run."""
        for role in ("buyer", "seller"):
            contracts.sign(self.deal, role)
        deliver_due()
        self.order = self.fresh()

    def cancel(self) -> None:
        """The buyer breaks off."""
        self.order = orders.cancel_order(self.order, reason="不再需要。", by=self.trader)

    def sign_statement(self, statement: Statement) -> None:
        """Both sides countersign; handlers have not run."""
        for role in ("seller", "buyer"):
            statements.countersign(
                statement,
                **contracts.countersignature(self.deal, statement, role),
                by=self.deal.actor(role),
            )

    def countersign(self, statement: Statement) -> None:
        """Both sides countersign, and handlers have run."""
        self.sign_statement(statement)
        deliver_due()
        self.order = self.fresh()

    def to(self, state: OrderState | str) -> Order:
        """Bring a new trade's order to `state`; completed orders are made by `make_completed`."""
        for step in ORDER_STEPS[OrderState(state)]:
            getattr(self, step)()
        return self.order


ORDER_STEPS: dict[OrderState, tuple[str, ...]] = {
    OrderState.REQUESTED: (),
    OrderState.ACCEPTED: ("accept",),
    OrderState.FUNDED: ("accept", "fund"),
    OrderState.ACTIVE: ("accept", "fund", "sign"),
    OrderState.CANCELLED: ("cancel",),
}


def make_trade(
    stall: Stall | None = None, *, quota: int = QUOTA, demo: bool = True, **changes: Any
) -> Trade:
    """A requested order between a listed product and a new buyer, both with signing keys."""
    stall = stall or make_listed()
    buyer = accounts.make_buyer(demo=demo)
    stated: dict[str, Any] = {
        "plan": stall.plan,
        "scenario": stall.scenario,
        "quota": quota,
        "ends_at": timezone.now() + MONTH,
        "by": accounts.actor_of(buyer),
    }
    order = orders.place_order(stall.product, **{**stated, **changes})
    deal = contracts.Deal(order.contract, stall.seller, buyer)
    for role, organisation in (("seller", stall.seller), ("buyer", buyer)):
        deal.private[role], key = accounts.enrol(organisation)
        deal.public[role] = key.public_key
    return Trade(stall, buyer, order, deal)


def make_active(**options: Any) -> Trade:
    """A trade whose order is active."""
    trade = make_trade(**options)
    trade.to(OrderState.ACTIVE)
    return trade


def call(trade: Trade, lease: str, **changes: Any) -> UsageRecord:
    """One metered call as the gateway records it."""
    values: dict[str, Any] = {
        "source": partitions.GATEWAY,
        "id": f"{uuid7_int():032x}",
        "contract": trade.order.contract_id,
        "meter": "rows.call",
        "units": 1,
        "bytes": 300,
        "lease": lease,
        "credential": "key_1",
        "state": "completed",
        "occurred_us": int(timezone.now().timestamp() * 1_000_000),
    }
    return UsageRecord(**(values | changes))


def use(trade: Trade, calls: int) -> None:
    """The buyer makes that many calls, and they are drained."""
    answer = quota.lease(
        trade.order.contract_id,
        "rows.call",
        holder="w",
        segment=f"s{next(NUMBERS)}",
        workers=1,
        at_least=calls,
    )
    usage.ingest([call(trade, answer.lease) for _ in range(calls)])
    quota.settle([answer.lease])


def make_statement(trade: Trade, *, calls: int = 3) -> Statement:
    """A drawn statement over that many calls."""
    if calls:
        use(trade, calls)
    return statements.draw_statement(trade.order.contract, by=trade.stall.trader)


def finish(trade: Trade, *, calls: int = 0) -> None:
    """The contract ends early, its last statement is countersigned and settled."""
    if calls:
        use(trade, calls)
    grants.terminate(trade.order.contract, reason="项目结束。", by=trade.trader)
    trade.countersign(make_statement(trade, calls=0))


def make_completed() -> Trade:
    """A trade whose order is closed and whose money is back."""
    trade = make_active()
    finish(trade)
    trade.order = orders.close_order(trade.order, by=trade.trader)
    return trade


def negotiate(trade: Trade) -> None:
    """The seller agrees in the contract itself, past the order."""
    negotiation.agree(trade.order.contract, by=trade.stall.trader)
    trade.deal.contract = trade.deal.fresh()
