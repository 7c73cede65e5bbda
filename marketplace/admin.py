"""The marketplace's rows, to look at."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.models import (
    Order,
    Plan,
    Product,
    ProductVersion,
    Review,
    ReviewCheck,
    Scenario,
    Settlement,
    Zone,
)


@admin.register(Zone)
class ZoneAdmin(ReadOnlyAdmin):
    acts_at = "exchange_settings"
    list_display = ("slot", "name", "exchange_bps", "tax_bps", "opened_at")


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    acts_at = "review_product"
    list_display = ("id", "name", "seller", "zone", "state", "listed_at")
    list_filter = ("state", "zone")
    list_select_related = ("seller", "zone")
    search_fields = ("id", "name")


@admin.register(ProductVersion)
class ProductVersionAdmin(ReadOnlyAdmin):
    list_display = ("id", "product", "number", "digest", "created_at")
    list_select_related = ("product",)
    search_fields = ("id", "digest")


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = ("id", "product", "name", "unit_price_fen", "quota_min", "quota_max")
    list_select_related = ("product",)


@admin.register(Scenario)
class ScenarioAdmin(ReadOnlyAdmin):
    list_display = ("id", "product", "purpose", "summary")
    list_select_related = ("product",)


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("id", "version", "reviewer", "recommended_at", "approver", "approved_at")
    list_select_related = ("version", "reviewer", "approver")


@admin.register(ReviewCheck)
class ReviewCheckAdmin(ReadOnlyAdmin):
    list_display = ("id", "review", "gate", "result", "evidence", "checked_at")
    list_filter = ("gate", "result")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("id", "buyer", "seller", "state", "price_fen", "placed_at")
    list_filter = ("state",)
    list_select_related = ("buyer", "seller")
    search_fields = ("id", "contract__id")


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = ("id", "order", "statement", "amount_fen", "settled_at")
    search_fields = ("id",)
