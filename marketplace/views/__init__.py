"""Pages of the market, by noun."""

from marketplace.views.catalogue import Catalogue
from marketplace.views.home import home
from marketplace.views.product import ProductDetail
from marketplace.views.provider import ProviderDetail

__all__ = ["Catalogue", "ProductDetail", "ProviderDetail", "home"]
