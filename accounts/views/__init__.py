"""Pages of accounts, by noun."""

from accounts.views.invitations import OneInvitation
from accounts.views.keys import Keys, OneKey
from accounts.views.organisations import Apply, OwnOrganisation
from accounts.views.team import OneMember, Team

__all__ = ["Apply", "Keys", "OneInvitation", "OneKey", "OneMember", "OwnOrganisation", "Team"]
