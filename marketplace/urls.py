"""Addresses of the marketplace."""

from django.urls import path

from marketplace import deal_addresses, offer_addresses
from marketplace.api import catalogue, orders, products
from marketplace.views import Catalogue, ProductDetail, ProviderDetail, guides

api = [
    path("catalogue", catalogue.Catalogue.as_view()),
    path("zones", catalogue.Zones.as_view()),
    path("products", products.Products.as_view()),
    path("products/<str:product_id>", products.OneProduct.as_view()),
    path("products/<str:product_id>/amend", products.ProductAmend.as_view()),
    path("products/<str:product_id>/scenarios", products.ProductScenarios.as_view()),
    path(
        "products/<str:product_id>/scenarios/<str:scenario_id>/drop",
        products.ScenarioDrop.as_view(),
    ),
    path("products/<str:product_id>/plans", products.ProductPlans.as_view()),
    path("products/<str:product_id>/plans/<str:plan_id>/drop", products.PlanDrop.as_view()),
    *(
        path(f"products/<str:product_id>/{name}", endpoint.as_view())
        for name, endpoint in products.VERBS.items()
    ),
    path("orders", orders.Orders.as_view()),
    path("orders/<str:order_id>", orders.OneOrder.as_view()),
    *(
        path(f"orders/<str:order_id>/{name}", endpoint.as_view())
        for name, endpoint in orders.VERBS.items()
    ),
    path("wallets/<str:organisation_id>/top_up", orders.WalletTopUp.as_view()),
]
pages = [
    path("rules", guides.Rules.as_view(), name="rules"),
    path("help", guides.Help.as_view(), name="help"),
    path("accessibility", guides.Accessibility.as_view(), name="accessibility"),
    path("catalogue", Catalogue.as_view(), name="catalogue"),
    path("products/<str:product_id>", ProductDetail.as_view(), name="product"),
    path("providers/<str:organisation_id>", ProviderDetail.as_view(), name="provider"),
    *deal_addresses.pages,
    *offer_addresses.pages,
]
