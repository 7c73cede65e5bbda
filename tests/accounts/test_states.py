import pytest

from accounts import actions
from accounts.states import ORGANISATION, SIGNING_KEY
from tests import grid
from tests.factories.accounts import (
    actor_of,
    enrol,
    make_applicant,
    make_organisation,
    make_reviewer,
)

pytestmark = pytest.mark.django_db


def organisation_in(state):
    organisation = make_applicant()
    if state == "applied":
        return organisation
    if state == "refused":
        return actions.refuse(organisation, reason="材料不全", by=make_reviewer())
    actions.admit(organisation, by=make_reviewer())
    if state == "suspended":
        actions.suspend(organisation, reason="核查", by=make_reviewer())
    return organisation


def signing_key_in(state):
    organisation = make_organisation()
    _private, key = enrol(organisation)
    if state == "revoked":
        actions.revoke_key(key, reason="遗失", by=actor_of(organisation))
    return key


@pytest.mark.parametrize(("state", "verb"), grid.cells(ORGANISATION))
def test_an_organisation_moves_as_its_table_says(state, verb):
    reviewer = make_reviewer()

    def call(organisation, name):
        reason = {"reason": "核查"} if name in {"refuse", "suspend"} else {}
        getattr(actions, name)(organisation, by=reviewer, **reason)

    grid.assert_cell(ORGANISATION, state, verb, organisation_in, call)


@pytest.mark.parametrize(("state", "verb"), grid.cells(SIGNING_KEY))
def test_a_signing_key_moves_as_its_table_says(state, verb):
    def call(key, name):
        assert name == "revoke"
        actions.revoke_key(key, reason="遗失", by=actor_of(key.organisation))

    grid.assert_cell(SIGNING_KEY, state, verb, signing_key_in, call)
