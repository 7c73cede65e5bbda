"""The marketplace's lane of the worker: deadlines that make facts."""

from core import leases
from marketplace.actions import orders

SEAT = "marketplace.clock"


def clock() -> int:
    """Close and lapse what is due; 0 while another process holds the seat."""
    return 0 if leases.take(SEAT) is None else orders.run_clock()
