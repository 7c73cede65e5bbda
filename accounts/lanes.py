"""The lane of accounts: deadlines that make facts."""

from accounts import actions
from core import leases

SEAT = "accounts.clock"


def clock() -> int:
    """Lapse the invitations whose time is over; 0 while another process holds the seat."""
    return 0 if leases.take(SEAT) is None else actions.lapse_invitations()
