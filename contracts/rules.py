"""Who may do what with contracts, grants and statements. Pure; no queries.

A stranger is told that nothing is there; a party on the wrong side or without the role
is told why. Either side may leave until both have signed, which is more than the Dataspace
Protocol 2025-1 lets it: the price may be held by then.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.rules import is_exchange_staff, is_qualified, role_denied, sees_everything
from accounts.states import Role as MemberRole
from contracts.models import Contract, Grant
from contracts.states import Role
from core.actors import CLOCK_KIND, COMMAND_KIND, Actor
from core.verdicts import ALLOWED, Denied, Verdict, first_denied, hidden

MACHINE_KINDS = frozenset({CLOCK_KIND, COMMAND_KIND})
TRADERS = (MemberRole.TRADER, MemberRole.ADMINISTRATOR)
SIGNERS = (MemberRole.SIGNER,)
BOTH = frozenset({Role.SELLER, Role.BUYER})


def may_read(by: Actor, contract: Contract) -> Verdict:
    """Parties, the exchange's staff, regulators and the system itself."""
    party = contract.role_of(by.organisation_id)
    if party or by.kind in MACHINE_KINDS or sees_everything(by):
        return ALLOWED
    return hidden()


def holds_one_of(by: Actor, roles: tuple[MemberRole, ...]) -> Verdict:
    """Whether the actor holds one of these roles in the organisation acted for."""
    return ALLOWED if any(by.has(role) for role in roles) else role_denied(roles[0])


def on_side(by: Actor, contract: Contract, sides: frozenset[Role]) -> Verdict:
    """Whether the actor stands on one of `sides`."""
    if contract.role_of(by.organisation_id) in sides:
        return ALLOWED
    return Denied(
        "other-side",
        _("This step belongs to the other side of the contract."),
        data={"sides": sorted(sides)},
    )


def as_party(
    by: Actor, contract: Contract, sides: frozenset[Role], roles: tuple[MemberRole, ...]
) -> Verdict:
    """May see the contract, stands on one of `sides`, holds one of `roles`."""
    return first_denied(
        may_read(by, contract), on_side(by, contract, sides), holds_one_of(by, roles)
    )


def are_qualified(contract: Contract) -> Verdict:
    """Both parties are qualified."""
    return first_denied(is_qualified(contract.seller), is_qualified(contract.buyer))


def may_request(by: Actor, seller: Organisation, buyer: Organisation) -> Verdict:
    """A trader of the buyer asks; both parties are qualified."""
    if not by.acts_for(buyer.id):
        return Denied("not-the-buyer", _("Only the buyer asks for a contract."))
    return first_denied(holds_one_of(by, TRADERS), is_qualified(seller), is_qualified(buyer))


def may_counter(by: Actor, contract: Contract) -> Verdict:
    """A trader of the buyer proposes other terms."""
    return as_party(by, contract, frozenset({Role.BUYER}), TRADERS)


def may_offer(by: Actor, contract: Contract) -> Verdict:
    """A trader of the seller proposes other terms."""
    return as_party(by, contract, frozenset({Role.SELLER}), TRADERS)


def may_accept(by: Actor, contract: Contract) -> Verdict:
    """A trader of the buyer accepts the seller's offer."""
    return as_party(by, contract, frozenset({Role.BUYER}), TRADERS)


def may_agree(by: Actor, contract: Contract) -> Verdict:
    """A trader of the seller agrees; both parties are qualified."""
    allowed = as_party(by, contract, frozenset({Role.SELLER}), TRADERS)
    return first_denied(allowed, are_qualified(contract))


def may_sign(by: Actor, contract: Contract) -> Verdict:
    """A signer of either party. Source: 电子签名法 第十三条 (the signer alone controls the key)."""
    allowed = as_party(by, contract, BOTH, SIGNERS)
    return first_denied(allowed, are_qualified(contract))


def may_terminate(by: Actor, contract: Contract) -> Verdict:
    """A trader of either side, until both have signed. Source: 民法典 第四百九十条."""
    return as_party(by, contract, BOTH, TRADERS)


def may_lapse(by: Actor) -> Verdict:
    """The clock and the command line: what is overdue needs nobody's will."""
    if by.kind in MACHINE_KINDS:
        return ALLOWED
    return Denied("clock-only", _("Only the clock ends what is overdue."))


def may_activate(by: Actor, grant: Grant) -> Verdict:
    """The parties, through an order whose price is secured, or the system."""
    if by.kind in MACHINE_KINDS:
        return ALLOWED
    allowed = may_read(by, grant.contract)
    return first_denied(allowed, on_side(by, grant.contract, BOTH))


def may_suspend(by: Actor, grant: Grant) -> Verdict:
    """A trader of the seller, or the exchange's staff."""
    if is_exchange_staff(by):
        return ALLOWED
    return as_party(by, grant.contract, frozenset({Role.SELLER}), TRADERS)


def may_resume(by: Actor, grant: Grant) -> Verdict:
    """Whoever may suspend, and only for the organisation that did."""
    if by.organisation_id == grant.suspended_by_id or grant.suspended_by_id is None:
        return may_suspend(by, grant)
    return first_denied(
        may_read(by, grant.contract),
        Denied(
            "suspended-by-another",
            _("Only the organisation that suspended this grant can resume it."),
        ),
    )


def may_end(by: Actor, grant: Grant) -> Verdict:
    """A trader of either party, or the exchange's staff."""
    if is_exchange_staff(by):
        return ALLOWED
    return as_party(by, grant.contract, BOTH, TRADERS)


def may_draw(by: Actor, contract: Contract) -> Verdict:
    """A trader of the seller, the exchange's staff, or the clock."""
    if by.kind in MACHINE_KINDS or is_exchange_staff(by):
        return ALLOWED
    return as_party(by, contract, frozenset({Role.SELLER}), TRADERS)


def may_object(by: Actor, contract: Contract) -> Verdict:
    """A trader of either party."""
    return as_party(by, contract, BOTH, TRADERS)


def may_withdraw(by: Actor, contract: Contract, objector: str | None) -> Verdict:
    """A trader of the side that objected; where nobody did, of either."""
    return as_party(by, contract, frozenset({Role(objector)}) if objector else BOTH, TRADERS)


def may_countersign(by: Actor, contract: Contract) -> Verdict:
    """A signer of either party."""
    return as_party(by, contract, BOTH, SIGNERS)
