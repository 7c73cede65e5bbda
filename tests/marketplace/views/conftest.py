"""The market of the page tests."""

from tests.marketplace.deals import market, undone

__all__ = ["market", "undone"]
