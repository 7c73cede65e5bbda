"""Every write of accounts, by noun."""

from accounts.actions.api_keys import issue_api_key, note_use, revoke_api_key
from accounts.actions.casework import check_item, claim, release, remark
from accounts.actions.founding import Founder, bootstrap
from accounts.actions.invitations import (
    accept_invitation,
    invite,
    lapse_invitations,
    refuse_invitation,
    withdraw_invitation,
)
from accounts.actions.members import add_member, declare_interest, register_user, remove_member
from accounts.actions.organisations import (
    admit,
    apply_for_admission,
    refuse,
    reinstate,
    suspend,
)
from accounts.actions.signing_keys import challenge_key, enrol_key, revoke_key

__all__ = [
    "Founder",
    "accept_invitation",
    "add_member",
    "admit",
    "apply_for_admission",
    "bootstrap",
    "challenge_key",
    "check_item",
    "claim",
    "declare_interest",
    "enrol_key",
    "invite",
    "issue_api_key",
    "lapse_invitations",
    "note_use",
    "refuse",
    "refuse_invitation",
    "register_user",
    "reinstate",
    "release",
    "remark",
    "remove_member",
    "revoke_api_key",
    "revoke_key",
    "suspend",
    "withdraw_invitation",
]
