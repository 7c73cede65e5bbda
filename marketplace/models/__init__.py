"""Tables of the marketplace, a module for each noun."""

from marketplace.models.order import Order, Settlement
from marketplace.models.product import Plan, Product, ProductVersion, Scenario, Zone
from marketplace.models.review import Review, ReviewCheck

__all__ = [
    "Order",
    "Plan",
    "Product",
    "ProductVersion",
    "Review",
    "ReviewCheck",
    "Scenario",
    "Settlement",
    "Zone",
]
