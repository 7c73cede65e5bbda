"""Pages of accounts, by noun."""

from accounts.views.keys import Keys, OneKey
from accounts.views.organisations import Apply, OwnOrganisation
from accounts.views.team import OneMember, Team

__all__ = ["Apply", "Keys", "OneKey", "OneMember", "OwnOrganisation", "Team"]
