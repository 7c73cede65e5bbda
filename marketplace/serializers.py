"""Shapes of the marketplace's JSON: bodies that come in, objects that go out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import ActionInput, Query
from core.money import BPS, MAX_FEN
from marketplace.gates import BY_ID
from marketplace.models import Order, Product, Settlement, Zone
from marketplace.models.product import MAX_UNITS, SLOTS
from marketplace.queries import current_review, held_fen, settled_fen
from marketplace.queries.listings import ProductPage
from marketplace.states import (
    ORDER,
    PRODUCT,
    CheckResult,
    GateKind,
    GateResult,
    OrderState,
    PlanKind,
    ProductForm,
    ProductState,
)

ID_LENGTH = 30


class ZoneInput(ActionInput):
    name = serializers.CharField(max_length=20)
    scope = serializers.CharField(max_length=200)
    exchange_bps = serializers.IntegerField(min_value=0, max_value=BPS)
    tax_bps = serializers.IntegerField(min_value=0, max_value=BPS)


class DescriptionInput(ActionInput):
    """What a product is; `service` is the id of a service institution, "" for none."""

    name = serializers.CharField(max_length=60)
    overview = serializers.CharField(max_length=1000)
    offers_file = serializers.BooleanField()
    policy = serializers.DictField()
    service = serializers.CharField(
        max_length=ID_LENGTH, required=False, allow_blank=True, default=""
    )
    service_bps = serializers.IntegerField(min_value=0, max_value=BPS, required=False, default=0)


class ProductInput(DescriptionInput):
    asset = serializers.CharField(max_length=ID_LENGTH)
    zone = serializers.CharField(max_length=ID_LENGTH)


class ScenarioInput(ActionInput):
    purpose = serializers.CharField(max_length=64)
    summary = serializers.CharField(max_length=300)
    prohibited_uses = serializers.ListField(
        child=serializers.CharField(max_length=100), min_length=1, max_length=20
    )


class PlanInput(ActionInput):
    name = serializers.CharField(max_length=40)
    unit_price_fen = serializers.IntegerField(min_value=0, max_value=MAX_FEN)
    quota_min = serializers.IntegerField(min_value=1, max_value=MAX_UNITS)
    quota_max = serializers.IntegerField(min_value=1, max_value=MAX_UNITS)
    file_bytes = serializers.IntegerField(
        min_value=0, max_value=MAX_UNITS, required=False, default=0
    )


class CheckInput(ActionInput):
    """A statement on one attested gate: a pass with evidence, or a fail with a comment."""

    gate = serializers.ChoiceField(list(BY_ID))
    result = serializers.ChoiceField(CheckResult.choices)
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    evidence = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class OrderInput(ActionInput):
    """An order; the term begins at `starts_at`, at once when it is left out."""

    product = serializers.CharField(max_length=ID_LENGTH)
    plan = serializers.CharField(max_length=ID_LENGTH)
    scenario = serializers.CharField(max_length=ID_LENGTH)
    quota = serializers.IntegerField(min_value=1, max_value=MAX_UNITS)
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    ends_at = serializers.DateTimeField()


class TopUpInput(ActionInput):
    amount_fen = serializers.IntegerField(min_value=1, max_value=MAX_FEN)


class CatalogueQuery(Query):
    """The address's parameters; an empty one narrows nothing."""

    q = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    zone = serializers.CharField(max_length=ID_LENGTH, required=False, default="")
    industry = serializers.CharField(max_length=3, required=False, default="")
    seller = serializers.CharField(max_length=ID_LENGTH, required=False, default="")
    form = serializers.ChoiceField(ProductForm.choices, required=False, default="")
    page = serializers.IntegerField(min_value=1, max_value=10_000, required=False, default=1)


class ZoneOutput(serializers.ModelSerializer):
    slot = serializers.IntegerField(min_value=1, max_value=SLOTS)

    class Meta:
        model = Zone
        fields = ["id", "slot", "name", "scope", "exchange_bps", "tax_bps", "opened_at"]


class MemberOutput(serializers.Serializer):
    """An organisation as the exchange knows it today."""

    id = serializers.CharField()
    name = serializers.CharField()
    is_demo = serializers.BooleanField()


class ZoneNameOutput(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class ProductOutput(serializers.ModelSerializer):
    state = serializers.ChoiceField(ProductState.choices)
    state_label = serializers.CharField(source="get_state_display")
    seller = MemberOutput()
    zone = ZoneNameOutput()
    forms = serializers.ListField(child=serializers.ChoiceField(ProductForm.choices))

    class Meta:
        model = Product
        fields = [
            "id",
            "name",
            "overview",
            "state",
            "state_label",
            "seller",
            "zone",
            "asset",
            "asset_version",
            "forms",
            "opened_at",
            "submitted_at",
            "listed_at",
        ]


class PlanOutput(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(PlanKind.choices)
    unit_price_fen = serializers.IntegerField()
    quota_min = serializers.IntegerField()
    quota_max = serializers.IntegerField()
    file_bytes = serializers.IntegerField()


class ScenarioOutput(serializers.Serializer):
    id = serializers.CharField()
    purpose = serializers.CharField()
    summary = serializers.CharField()
    prohibited_uses = serializers.ListField(child=serializers.CharField())


class GateOutput(serializers.Serializer):
    """One gate: computed from what is stored, or attested by a reviewer with `evidence`."""

    id = serializers.CharField(source="gate.id")
    title = serializers.CharField(source="gate.title")
    kind = serializers.ChoiceField(GateKind.choices, source="gate.kind")
    basis = serializers.CharField(source="gate.basis")
    result = serializers.ChoiceField(GateResult.choices)
    problem = serializers.CharField(allow_blank=True)
    remedy = serializers.CharField(source="gate.remedy")
    evidence = serializers.CharField(allow_blank=True)


class VersionOutput(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.IntegerField()
    digest = serializers.CharField()
    description = serializers.DictField()


class ReviewOutput(serializers.Serializer):
    """Who reviewed: the first person's and the second person's ids."""

    id = serializers.CharField()
    reviewer = serializers.CharField(source="reviewer_id")
    claimed_at = serializers.DateTimeField()
    recommended_at = serializers.DateTimeField(allow_null=True)
    approver = serializers.CharField(source="approver_id", allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)


class ProductDetailOutput(serializers.Serializer):
    """A product's page: description, plans, scenarios, policy in words, every gate."""

    product = ProductOutput()
    reason = serializers.CharField(source="product.reason", allow_blank=True)
    policy = serializers.DictField(source="product.policy")
    policy_in_words = serializers.ListField(child=serializers.CharField(), source="policy")
    plans = PlanOutput(many=True)
    scenarios = ScenarioOutput(many=True)
    gates = GateOutput(many=True)
    version = serializers.SerializerMethodField()
    review = serializers.SerializerMethodField()
    possible = serializers.SerializerMethodField()

    @extend_schema_field(VersionOutput(allow_null=True))
    def get_version(self, page: ProductPage) -> dict[str, Any] | None:
        return dict(VersionOutput(page.version).data) if page.version else None

    @extend_schema_field(ReviewOutput(allow_null=True))
    def get_review(self, page: ProductPage) -> dict[str, Any] | None:
        review = current_review(page.product)
        return dict(ReviewOutput(review).data) if review else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_possible(self, page: ProductPage) -> list[str]:
        return list(PRODUCT.verbs_from(page.product.state))


class CatalogueLineOutput(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    overview = serializers.CharField()
    seller = serializers.CharField()
    zone = serializers.CharField()
    industry = serializers.CharField()
    code = serializers.CharField()
    forms = serializers.ListField(child=serializers.ChoiceField(ProductForm.choices))
    from_price_fen = serializers.IntegerField()
    listed_at = serializers.DateTimeField()
    demo = serializers.BooleanField()


class FacetOutput(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()


class FacetsOutput(serializers.Serializer):
    zone = FacetOutput(many=True)
    industry = FacetOutput(many=True)
    seller = FacetOutput(many=True)
    form = FacetOutput(many=True)


class CatalogueOutput(serializers.Serializer):
    """One page of what is listed, and the facets over everything that matches.

    Where there are `more` matches, `total` counts the newest 10,000 and the facets are theirs.
    """

    total = serializers.IntegerField()
    more = serializers.BooleanField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = CatalogueLineOutput(many=True, source="lines")
    facets = FacetsOutput()


class ShareOutput(serializers.Serializer):
    party = serializers.CharField()
    role = serializers.CharField()
    account = serializers.CharField()
    amount_fen = serializers.IntegerField()


class SettlementOutput(serializers.ModelSerializer):
    """A transaction voucher (交易凭证)."""

    shares = ShareOutput(many=True)

    class Meta:
        model = Settlement
        fields = ["id", "statement", "amount_fen", "shares", "settled_at"]


class OrderOutput(serializers.ModelSerializer):
    state = serializers.ChoiceField(OrderState.choices)
    state_label = serializers.CharField(source="get_state_display")
    buyer = MemberOutput()
    seller = MemberOutput()
    product = serializers.CharField(source="version.product_id")
    purpose = serializers.CharField(source="scenario.purpose")

    class Meta:
        model = Order
        fields = [
            "id",
            "state",
            "state_label",
            "buyer",
            "seller",
            "product",
            "version",
            "plan",
            "scenario",
            "purpose",
            "contract",
            "quota",
            "price_fen",
            "returned_fen",
            "starts_at",
            "ends_at",
            "placed_at",
            "accepted_at",
            "funded_at",
            "activated_at",
            "completed_at",
            "cancelled_at",
            "reason",
        ]


class OrderDetailOutput(OrderOutput):
    """An order with what it holds, what was settled, and the verbs of its state."""

    held_fen = serializers.SerializerMethodField()
    settled_fen = serializers.SerializerMethodField()
    settlements = SettlementOutput(many=True)
    possible = serializers.SerializerMethodField()

    class Meta(OrderOutput.Meta):
        fields = [*OrderOutput.Meta.fields, "held_fen", "settled_fen", "settlements", "possible"]

    def get_held_fen(self, order: Order) -> int:
        return held_fen(order)

    def get_settled_fen(self, order: Order) -> int:
        return settled_fen(order)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_possible(self, order: Order) -> list[str]:
        return list(ORDER.verbs_from(order.state))


class WalletOutput(serializers.Serializer):
    """A wallet after a top-up. `simulated` says that no bank took part."""

    key = serializers.CharField()
    available_fen = serializers.IntegerField()
    simulated = serializers.SerializerMethodField()

    def get_simulated(self, _balance: object) -> bool:
        return True
