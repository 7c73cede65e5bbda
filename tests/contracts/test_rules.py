"""Who may do what: every rule against every kind of actor."""

import pytest

from accounts.models import Organisation
from contracts import rules
from contracts.models import Contract, Grant
from core.actors import ANYBODY, CLOCK, COMMAND, PERSON, Actor
from core.verdicts import Denied

SELLER = Organisation(id="org_seller", state="qualified", kind="enterprise")
BUYER = Organisation(id="org_buyer", state="qualified", kind="enterprise")


def person(organisation, *roles, kind="enterprise"):
    """A person of an organisation with these roles."""
    return Actor(
        PERSON,
        user_id="usr_1",
        organisation_id=organisation,
        organisation_kind=kind,
        roles=frozenset(roles),
    )


ACTORS = {
    "seller trader": person("org_seller", "trader"),
    "seller signer": person("org_seller", "signer"),
    "seller administrator": person("org_seller", "administrator"),
    "seller auditor": person("org_seller", "auditor"),
    "buyer trader": person("org_buyer", "trader"),
    "buyer signer": person("org_buyer", "signer"),
    "exchange reviewer": person("org_exchange", "reviewer", kind="exchange"),
    "regulator": person("org_regulator", "auditor", kind="regulator"),
    "stranger": person("org_other", "trader", "signer", "administrator"),
    "visitor": ANYBODY,
    "clock": CLOCK,
    "command": COMMAND,
}
PARTIES = {name for name in ACTORS if name.startswith(("seller", "buyer"))}
OVERSEERS = {"exchange reviewer", "regulator"}
SYSTEM = {"clock", "command"}
SELLER_TRADERS = {"seller trader", "seller administrator"}
SIGNERS = {"seller signer", "buyer signer"}


def contract(state="requested"):
    """An unsaved contract between the two parties."""
    return Contract(id="ctr_1", seller=SELLER, buyer=BUYER, state=state)


def grant(suspended_by=None):
    """An unsaved grant, suspended by that organisation where given."""
    return Grant(contract=contract("finalized"), suspended_by_id=suspended_by)


@pytest.mark.parametrize(
    ("rule", "thing", "allowed"),
    [
        (rules.may_read, contract(), PARTIES | OVERSEERS | SYSTEM),
        (rules.may_offer, contract(), SELLER_TRADERS),
        (rules.may_counter, contract(), {"buyer trader"}),
        (rules.may_accept, contract(), {"buyer trader"}),
        (rules.may_agree, contract(), SELLER_TRADERS),
        (rules.may_sign, contract("agreed"), SIGNERS),
        (rules.may_countersign, contract("finalized"), SIGNERS),
        (rules.may_terminate, contract("requested"), SELLER_TRADERS | {"buyer trader"}),
        (rules.may_terminate, contract("offered"), SELLER_TRADERS | {"buyer trader"}),
        (rules.may_terminate, contract("accepted"), SELLER_TRADERS | {"buyer trader"}),
        (rules.may_terminate, contract("agreed"), SELLER_TRADERS | {"buyer trader"}),
        (rules.may_terminate, contract("verified"), SELLER_TRADERS | {"buyer trader"}),
        (rules.may_activate, grant(), PARTIES | SYSTEM),
        (rules.may_suspend, grant(), SELLER_TRADERS | {"exchange reviewer"}),
        (rules.may_resume, grant("org_seller"), SELLER_TRADERS),
        (rules.may_resume, grant("org_exchange"), {"exchange reviewer"}),
        (rules.may_end, grant(), SELLER_TRADERS | {"buyer trader", "exchange reviewer"}),
        (rules.may_draw, contract("finalized"), SELLER_TRADERS | {"exchange reviewer"} | SYSTEM),
    ],
)
def test_exactly_these_actors_may(rule, thing, allowed):
    assert {name for name, actor in ACTORS.items() if rule(actor, thing)} == allowed


@pytest.mark.parametrize(
    "rule",
    [
        rules.may_read,
        rules.may_offer,
        rules.may_counter,
        rules.may_accept,
        rules.may_agree,
        rules.may_sign,
        rules.may_terminate,
        rules.may_draw,
        rules.may_countersign,
    ],
)
@pytest.mark.parametrize("name", ["stranger", "visitor"])
def test_to_strangers_the_contract_does_not_exist(rule, name):
    verdict = rule(ACTORS[name], contract())

    assert isinstance(verdict, Denied)
    assert verdict.hidden


def test_a_party_that_is_no_longer_qualified_signs_nothing():
    suspended = Organisation(id="org_seller", state="suspended", kind="enterprise")
    thing = Contract(id="ctr_1", seller=suspended, buyer=BUYER, state="agreed")

    verdict = rules.may_sign(ACTORS["buyer signer"], thing)

    assert (verdict.code, verdict.data) == ("not-qualified", {"organisation": "org_seller"})
