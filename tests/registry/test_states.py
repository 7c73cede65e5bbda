"""The grid of every machine: every verb in every state, through the actions."""

import pytest
from django.db import transaction
from django.utils import timezone

from core.actors import CLOCK, COMMAND
from core.events import record
from core.states import advance
from registry import actions
from registry.events import ChallengeDrawn
from registry.states import CASE, CERTIFICATE, CHALLENGE, ENCUMBRANCE, OPEN, CaseState
from tests.factories.accounts import make_administrator
from tests.factories.registry import (
    Story,
    answers_to,
    make_application,
    make_certificate,
    make_exchange_key,
)
from tests.grid import assert_cell, assert_grid, cells
from tests.registry.signing import sign_attestation

pytestmark = pytest.mark.django_db


class CaseGrid:
    """Makes a case in a state and calls verbs on it, with everything each verb needs."""

    def __init__(self, *, publicity_is_over):
        self.story = Story(workdays=10 if publicity_is_over else 3)

    def make(self, state):
        return self.story.to(state)

    def call(self, case, verb):
        return getattr(self, f"do_{verb}")(case)

    def do_amend(self, case):
        application = make_application(self.story.path, overview="更正后的概述。")
        actions.amend(case, application=application, by=self.story.applicant)

    def do_submit(self, case):
        actions.submit(case, by=self.story.applicant)

    def do_withdraw(self, case):
        actions.withdraw(case, by=self.story.applicant)

    def do_send_back(self, case):
        actions.send_back(case, items=["补正一处。"], by=self.story.reviewer)

    def do_decline(self, case):
        actions.decline(case, reason="不属于登记范围。", by=self.story.reviewer)

    def do_accept(self, case):
        actions.accept(case, by=self.story.reviewer)

    def do_consent(self, case):
        actions.consent_to_disclosure(case, by=self.story.applicant)

    def do_challenge(self, case):
        actions.draw_challenge(case, by=self.story.reviewer)

    def do_answer(self, case):
        answers = []
        if case.state == CaseState.ACCEPTED:
            actions.draw_challenge(case, by=self.story.reviewer)
            answers = answers_to(case, self.story.path)
        actions.answer_challenge(case, answers=answers, by=self.story.applicant)

    def do_attest(self, case):
        signed = sign_attestation(case, self.story.reviewer)
        actions.attest_on_site(case, **signed, by=self.story.reviewer)

    def do_pass(self, case):
        if case.state == CaseState.ACCEPTED:
            self.story.prove()
        actions.pass_review(case, by=self.story.reviewer)

    def do_refuse(self, case):
        reason = {"ground": "falsehood", "reason": "证明材料不实。"}
        actions.refuse(case, **reason, by=self.story.reviewer)

    def do_issue(self, case):
        make_exchange_key()
        actions.issue(case, by=CLOCK)


@pytest.mark.parametrize(("state", "verb"), cells(CASE))
def test_every_verb_in_every_state(state, verb):
    grid = CaseGrid(publicity_is_over=state == "issued" or verb == "issue")

    assert_cell(CASE, state, verb, grid.make, grid.call)


def test_the_states_that_are_open_are_those_with_a_way_on():
    assert set(OPEN) == set(CaseState.values) - CASE.final


def make_challenge(state):
    """A stored challenge in that state, brought there by the actions."""
    story = Story()
    story.to("accepted")
    challenge = actions.draw_challenge(story.case, by=story.reviewer)
    if state == "answered":
        answers = answers_to(story.case, story.path)
        actions.answer_challenge(story.case, answers=answers, by=story.applicant)
    elif state == "void":
        actions.refuse(story.case, ground="law", reason="法律另有规定。", by=story.reviewer)
    challenge.refresh_from_db()
    return challenge


def move_challenge(challenge, verb):
    """Challenges move inside acts on their case; here they are moved alone."""
    moment = {"answered_at": timezone.now()} if verb == "answer" else {}
    with transaction.atomic():
        advance(challenge, CHALLENGE, verb, **moment)
        fact = ChallengeDrawn(challenge=challenge.id, indexes=challenge.indexes)
        record(fact, by=COMMAND, about=[challenge.id], parties=[])


def test_every_verb_in_every_state_of_a_challenge():
    assert_grid(CHALLENGE, make_challenge, move_challenge)


DOCUMENT = {"authority": "示例法院", "document_sha256": "ab" * 32}


def make_encumbrance(state):
    """A stored encumbrance in that state."""
    asset, by = Story().case.asset, make_administrator()
    bound = actions.record_encumbrance(asset, kind="preservation", **DOCUMENT, by=by)
    if state == "lifted":
        actions.lift_encumbrance(bound, **DOCUMENT, by=by)
    return bound


def lift(encumbrance, _verb):
    actions.lift_encumbrance(encumbrance, **DOCUMENT, by=make_administrator())


def test_every_verb_in_every_state_of_an_encumbrance():
    assert_grid(ENCUMBRANCE, make_encumbrance, lift)


def test_no_verb_moves_a_certificate():
    assert_grid(CERTIFICATE, make_certificate, advance)

    assert CERTIFICATE.states.values == ["valid"]
    assert CERTIFICATE.table == ()
