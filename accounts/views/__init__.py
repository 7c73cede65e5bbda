"""Pages of accounts, by noun."""

from accounts.views.acting import Acting
from accounts.views.api_keys import ApiKeys
from accounts.views.invitations import OneInvitation
from accounts.views.keys import Keys, OneKey
from accounts.views.organisations import Apply, OwnOrganisation
from accounts.views.team import OneMember, Team

__all__ = [
    "Acting",
    "ApiKeys",
    "Apply",
    "Keys",
    "OneInvitation",
    "OneKey",
    "OneMember",
    "OwnOrganisation",
    "Team",
]
