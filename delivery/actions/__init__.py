"""Writes of the delivery room: deposits, and the spool's way into the database."""

from delivery.actions.deposits import deposit
from delivery.actions.draining import drain

__all__ = ["deposit", "drain"]
