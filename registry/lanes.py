"""The registry's lane of the worker: deadlines that make facts."""

from core import leases
from registry import actions

SEAT = "registry.clock"


def clock() -> int:
    """Issue what is due; 0 while another process holds the seat."""
    return 0 if leases.take(SEAT) is None else actions.run_clock()
