"""Objections: who makes them, what they stop, who decides, and what follows."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.actions import declare_interest
from accounts.queries import user
from core.actors import CLOCK, COMMAND, Actor
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.events import record
from core.models import Event
from core.states import advance
from core.workdays import add_workdays
from registry import actions, queries
from registry.events import ObjectionWithdrawn
from registry.models import Certificate, Objection
from registry.states import OBJECTION
from tests.factories import accounts
from tests.factories.registry import HOUR, Story, make_exchange_key
from tests.grid import assert_cell, cells

pytestmark = pytest.mark.django_db
EVIDENCE = "ab" * 32


class Dispute:
    """A case in publicity, an objector, and a reviewer who decides; each act an hour later."""

    def __init__(self, *, workdays=3):
        self.story = Story(workdays=workdays)
        self.story.to("publicity")
        self.case = self.story.case
        self.objector = accounts.make_buyer()
        self.actor = accounts.actor_of(self.objector)

    def object(self, **changes):
        stated = {"ground": "dispute", "text": "数据由我方采集。", "evidence_sha256": EVIDENCE}
        stated |= {"by": self.actor, "now": self.story.moment()} | changes
        return actions.object_to(self.case, **stated)

    def decide(self, verb, objection, **changes):
        by = {"by": self.story.reviewer, "now": self.story.moment()}
        if verb == "withdraw":
            by["by"] = self.actor
            return actions.withdraw_objection(objection, **by | changes)
        return getattr(actions, verb)(objection, reason="理由充分。", **by | changes)


@pytest.fixture
def dispute():
    return Dispute()


def test_an_objection_is_kept_as_it_was_made(dispute):
    made = dispute.object()

    assert (made.state, made.ground, made.text) == ("open", "dispute", "数据由我方采集。")
    assert (made.objector, made.user) == (dispute.objector, dispute.actor.user_id)
    event = Event.objects.get(type="registry.ObjectionFiled")
    told = {name: one["value"] for name, one in event.body.fields.items()}
    assert told["evidence_sha256"] == EVIDENCE
    assert told["text_sha256"] == made.text_sha256
    refs = {made.id, dispute.case.id, dispute.case.asset_id, dispute.objector.id}
    assert refs <= set(event.subjects.values_list("ref", flat=True))


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"text": "  "}, Invalid, "reason-needed"),
        ({"text": "长" * 1001}, Invalid, "reason-needed"),
        ({"ground": "envy"}, Invalid, "objection-ground"),
        ({"evidence_sha256": "AB" * 32}, Invalid, "document"),
    ],
)
def test_a_bad_objection_writes_nothing(dispute, changes, error, code):
    before = Event.objects.count()

    with pytest.raises(error) as refusal:
        dispute.object(**changes)

    assert refusal.value.code == code
    assert (Objection.objects.count(), Event.objects.count()) == (0, before)


def test_who_may_object(dispute):
    person = dispute.actor
    machine = Actor(
        "service",
        user_id=person.user_id,
        organisation_id=person.organisation_id,
        organisation_kind=person.organisation_kind,
        roles=person.roles,
        demo=True,
        credential_id="key_x",
    )
    refused = (
        (dispute.story.applicant, "own-registration"),
        (dispute.story.reviewer, "objector-kind"),
        (accounts.actor_of(accounts.make_regulator()), "objector-kind"),
        (machine, "person-needed"),
        (COMMAND, "person-needed"),
        (accounts.actor_of(accounts.make_applicant()), "person-needed"),
    )

    for actor, code in refused:
        with pytest.raises(NotAllowed) as refusal:
            dispute.object(by=actor)
        assert refusal.value.code == code, actor
    assert Objection.objects.count() == 0


def test_nobody_objects_to_what_was_never_publicised():
    story = Story().submit().accept()

    with pytest.raises(NotFound):
        actions.object_to(
            story.case,
            ground="dispute",
            text="异议。",
            evidence_sha256=EVIDENCE,
            by=accounts.actor_of(accounts.make_buyer()),
        )


def test_an_objection_comes_within_the_publicity():
    over = Dispute(workdays=10)
    withdrawn = Dispute()
    actions.withdraw(withdrawn.case, by=withdrawn.story.applicant, now=withdrawn.story.moment())

    for late in (over, withdrawn):
        with pytest.raises(Conflict) as refusal:
            late.object(now=None)
        assert refusal.value.code == "not-in-publicity"


def test_an_organisation_has_one_open_objection_to_a_case(dispute):
    first = dispute.object()

    with pytest.raises(Conflict) as refusal:
        dispute.object()
    assert refusal.value.code == "objected-already"

    dispute.decide("withdraw", first)
    assert dispute.object().state == "open"


def test_while_an_objection_is_open_no_certificate_is_issued():
    dispute = Dispute(workdays=10)
    made = dispute.object()
    make_exchange_key()

    assert actions.run_clock() == 0
    with pytest.raises(Conflict) as refusal:
        actions.issue(dispute.case, by=CLOCK)
    assert refusal.value.code == "objection-open"
    assert Certificate.objects.count() == 0
    assert queries.issues_at(dispute.case) is None
    assert queries.publicity_over(dispute.case, timezone.now()) is False

    rejected = actions.reject(made, reason="无事实依据。", by=dispute.story.reviewer)
    assert actions.run_clock() == 1
    assert Certificate.objects.get().valid_from == rejected.closed_at


def test_a_decision_within_the_publicity_leaves_its_end_as_it_was():
    dispute = Dispute(workdays=10)
    dispute.decide("reject", dispute.object())
    make_exchange_key()

    assert actions.run_clock() == 1
    ends = queries.publicity_end(dispute.case).at
    assert Certificate.objects.get().valid_from == ends


def test_an_upheld_objection_refuses_the_registration_on_its_ground(dispute):
    made = dispute.object(ground="illegal_source")
    other = dispute.object(by=accounts.actor_of(accounts.make_buyer()))

    dispute.decide("uphold", made)

    dispute.case.refresh_from_db()
    assert (dispute.case.state, dispute.case.refusal_ground) == ("refused", "illegal_source")
    assert dispute.case.reason == "理由充分。"
    other.refresh_from_db()
    assert (other.state, other.reason) == ("lapsed", "")
    assert Event.objects.filter(type="registry.CaseRefused").count() == 1


@pytest.mark.parametrize("way", ["refuse", "withdraw"])
def test_objections_lapse_when_the_case_ends_otherwise(dispute, way):
    made = dispute.object()

    if way == "refuse":
        actions.refuse(dispute.case, ground="law", reason="法律。", by=dispute.story.reviewer)
    else:
        actions.withdraw(dispute.case, by=dispute.story.applicant)

    made.refresh_from_db()
    assert made.state == "lapsed"


def test_who_may_decide(dispute):
    made = dispute.object()
    own = accounts.make_reviewer()
    declare_interest(user(own.user_id), organisation=dispute.objector, by=own)
    refused = (
        (dispute.story.applicant, NotAllowed, "role-needed"),
        (dispute.actor, NotAllowed, "role-needed"),
        (own, NotAllowed, "affiliated"),
        (accounts.actor_of(accounts.make_buyer()), NotFound, "not-found"),
    )

    for verb in ("uphold", "reject"):
        for actor, error, code in refused:
            with pytest.raises(error) as refusal:
                getattr(actions, verb)(made, reason="理由。", by=actor)
            assert refusal.value.code == code, actor
    with pytest.raises(Invalid):
        actions.reject(made, reason=" ", by=dispute.story.reviewer)
    made.refresh_from_db()
    assert made.state == "open"


def test_only_who_objected_takes_it_back(dispute):
    made = dispute.object()

    for actor in (dispute.story.applicant, dispute.story.reviewer):
        with pytest.raises(NotAllowed):
            actions.withdraw_objection(made, by=actor)
    with pytest.raises(NotFound):
        actions.withdraw_objection(made, by=accounts.actor_of(accounts.make_buyer()))


def test_a_case_that_another_reviewer_has_taken_on_is_left_to_them(dispute):
    made = dispute.object()
    actions.claim(dispute.case, by=dispute.story.reviewer)

    with pytest.raises(NotAllowed) as refusal:
        actions.reject(made, reason="理由。", by=accounts.make_reviewer())
    assert refusal.value.code == "another-reviewer"


def test_the_decision_has_its_own_deadline(dispute):
    made = dispute.object()

    deadline = queries.deadline_of(dispute.case, timezone.now())

    assert (deadline.step, deadline.workdays) == ("objection", 10)
    assert deadline.at == add_workdays(made.filed_at, 10).at


def test_a_notice_counts_the_working_days_and_says_when_it_is_over():
    dispute = Dispute(workdays=3)
    now = timezone.now()
    [running] = queries.notices_running(now)
    over = running.ends.at + HOUR

    assert (running.case, running.total, running.contested) == (dispute.case, 5, 0)
    assert running.left == queries.deadline_of(dispute.case, now).workdays_left
    assert queries.notices_running(over) == []
    older = Story(workdays=10)
    older.to("refused")
    past = Story(workdays=10)
    past.to("publicity")
    actions.withdraw(past.case, by=past.applicant, now=past.moment())
    assert [case.pk for case in queries.notices()] == [dispute.case.pk, past.case.pk]
    dispute.object()
    assert queries.notice(dispute.case.pk, now).contested == 1
    assert queries.notice(dispute.case.pk, over).left is None
    with pytest.raises(NotFound):
        queries.notice(Story().submit().case.pk, now)


def test_who_sees_an_objection(dispute):
    made = dispute.object()

    for actor in (dispute.actor, dispute.story.applicant, dispute.story.reviewer):
        assert queries.objection(made.id, actor) == made
        assert list(queries.objections_for(actor)) == [made]
    stranger = accounts.actor_of(accounts.make_buyer())
    assert list(queries.objections_for(stranger)) == []
    assert list(queries.objections_for(Actor("visitor"))) == []
    with pytest.raises(NotFound):
        queries.objection(made.id, stranger)


def test_a_decision_dated_before_the_objection_is_refused(dispute):
    made = dispute.object()

    with pytest.raises(Invalid):
        dispute.decide("reject", made, now=made.filed_at - timedelta(minutes=1))


def in_state(dispute, state):
    made = dispute.object()
    if state == "lapsed":
        actions.withdraw(dispute.case, by=dispute.story.applicant, now=dispute.story.moment())
    elif state != "open":
        verbs = {"upheld": "uphold", "rejected": "reject", "withdrawn": "withdraw"}
        dispute.decide(verbs[state], made)
    made.refresh_from_db()
    return made


def lapse(objection):
    """Lapsing happens inside acts on the case; here the objection is moved alone."""
    with transaction.atomic():
        advance(objection, OBJECTION, "lapse", closed_at=timezone.now())
        record(ObjectionWithdrawn(objection=objection.id), by=COMMAND, about=["x"], parties=[])


class ObjectionGrid:
    """Makes an objection in a state and calls verbs on it."""

    def __init__(self, dispute):
        self.dispute = dispute

    def make(self, state):
        return in_state(self.dispute, state)

    def call(self, objection, verb):
        lapse(objection) if verb == "lapse" else self.dispute.decide(verb, objection)


@pytest.mark.parametrize(("state", "verb"), cells(OBJECTION))
def test_every_verb_in_every_state(dispute, state, verb):
    grid = ObjectionGrid(dispute)

    assert_cell(OBJECTION, state, verb, grid.make, grid.call)


def test_a_final_objection_stays_final(dispute):
    made = dispute.object()
    dispute.decide("reject", made)

    with pytest.raises(WrongState):
        dispute.decide("uphold", made)
    dispute.case.refresh_from_db()
    assert dispute.case.state == "publicity"
