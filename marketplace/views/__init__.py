"""Pages of the market, by noun."""

from marketplace.views.home import home

__all__ = ["home"]
