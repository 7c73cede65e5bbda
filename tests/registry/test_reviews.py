"""What reviewers decide, and who may review."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts import queries as organisations
from core.actors import COMMAND, Actor
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event
from registry import actions, queries
from tests.factories.accounts import (
    actor_of,
    make_administrator,
    make_buyer,
    make_regulator,
    make_reviewer,
)
from tests.factories.registry import Story

pytestmark = pytest.mark.django_db


def refused(error, call, *args, **arguments):
    """The refusal of a call that must write nothing."""
    before = Event.objects.count()
    with pytest.raises(error) as caught, transaction.atomic():
        call(*args, **arguments)
    assert Event.objects.count() == before
    return caught.value


@pytest.fixture
def story():
    return Story().submit()


def test_a_case_is_sent_back_once_and_its_clock_restarts(story):
    first = story.case.submitted_at
    actions.send_back(
        story.case, items=["补充来源。", "更正名称。"], by=story.reviewer, now=story.moment()
    )
    notice = story.case.correction_notice
    actions.submit(story.case, by=story.applicant, now=story.moment())

    refusal = refused(
        Conflict, actions.send_back, story.case, items=["再补正。"], by=story.reviewer
    )

    assert notice.items == ["补充来源。", "更正名称。"]
    assert (story.case.round, story.case.submitted_at) == (2, story.clock)
    assert story.case.submitted_at > first
    assert (refusal.code, story.case.state) == ("sent-back-before", "submitted")


@pytest.mark.parametrize("items", [[], [" "], ["长" * 401], ["一"] * 31])
def test_a_notice_lists_something_readable(story, items):
    refusal = refused(Invalid, actions.send_back, story.case, items=items, by=story.reviewer)

    assert refusal.field == "items"


def test_declining_and_refusing_need_reasons(story):
    empty = refused(Invalid, actions.decline, story.case, reason=" ", by=story.reviewer)
    story.accept()
    ground = refused(
        Invalid, actions.refuse, story.case, ground="mood", reason="不妥。", by=story.reviewer
    )

    assert (empty.field, ground.field) == ("reason", "ground")


@pytest.mark.parametrize("ground", ["harm", "illegal_source", "dispute", "falsehood", "law"])
def test_each_ground_of_refusal_has_its_article(story, ground):
    story.accept()

    actions.refuse(story.case, ground=ground, reason="理由。", by=story.reviewer)

    basis = Event.objects.get(type="registry.CaseRefused").body.fields["basis"]["value"]
    assert "国数综政策〔2026〕35号" in basis
    assert "不予登记情形之" in basis
    assert (story.case.refusal_ground, story.case.reason) == (ground, "理由。")


def test_review_cannot_be_passed_before_possession_is_proven(story):
    story.accept()

    refusal = refused(Conflict, actions.pass_review, story.case, by=story.reviewer)

    assert (refusal.code, story.case.state) == ("possession-unproven", "accepted")


def test_publicity_shows_exactly_four_contents(story):
    story.accept().prove().publicise()

    fields = Event.objects.get(type="registry.CasePublicised").body.fields
    asset = story.case.asset
    assert fields["applicant"]["value"] == story.holder.name
    assert fields["name"]["value"] == asset.name
    assert fields["overview"]["value"] == asset.overview
    assert fields["restrictions"]["value"] == "无"
    assert fields["workdays"]["value"] == 5


def test_who_is_affiliated_with_the_applicant_does_not_review(story):
    member = make_reviewer()
    person = organisations.user(member.user_id)
    accounts.declare_interest(
        person, organisation=story.holder, by=COMMAND, now=story.case.submitted_at
    )

    refusal = refused(NotAllowed, actions.accept, story.case, by=member)

    assert refusal.code == "affiliated"


def test_a_former_member_of_the_applicant_does_not_review():
    story = Story()
    insider = make_reviewer()
    person = organisations.user(insider.user_id)
    accounts.add_member(story.holder, user=person, roles=["trader"], by=COMMAND)
    accounts.remove_member(story.holder, user=person, by=COMMAND)
    actions.submit(story.case, by=story.applicant)

    refusal = refused(NotAllowed, actions.accept, story.case, by=insider)

    assert refusal.code == "affiliated"


def test_only_reviewers_review(story):
    others = {
        "applicant": (story.applicant, NotAllowed, "role-needed"),
        "administrator": (make_administrator(), NotAllowed, "role-needed"),
        "regulator": (actor_of(make_regulator()), NotAllowed, "role-needed"),
        "stranger": (actor_of(make_buyer()), NotFound, "not-found"),
        "visitor": (Actor("visitor"), NotFound, "not-found"),
    }

    for actor, error, code in others.values():
        assert refused(error, actions.accept, story.case, by=actor).code == code


def test_only_the_applicant_acts_for_the_applicant(story):
    staff = refused(NotAllowed, actions.withdraw, story.case, by=story.reviewer)
    stranger = refused(NotFound, actions.withdraw, story.case, by=actor_of(make_buyer()))

    assert (staff.code, stranger.code) == ("not-applicant", "not-found")


def test_who_may_not_bind_an_asset(story):
    document = {"kind": "pledge", "authority": "示例银行", "document_sha256": "cd" * 32}
    asset = story.case.asset

    reviewer = refused(NotAllowed, actions.record_encumbrance, asset, **document, by=story.reviewer)
    wrong = refused(
        Invalid,
        actions.record_encumbrance,
        asset,
        **document | {"document_sha256": "no"},
        by=make_administrator(),
    )

    assert (reviewer.code, wrong.field) == ("role-needed", "document_sha256")


@pytest.mark.parametrize("late", [actions.withdraw, actions.refuse])
def test_what_the_end_of_publicity_decided_nobody_undoes(late):
    story = Story()
    story.to("publicity")
    by_applicant = late is actions.withdraw
    arguments = {} if by_applicant else {"ground": "law", "reason": "法律另有规定。"}
    by = story.applicant if by_applicant else story.reviewer

    refusal = refused(WrongState, late, story.case, **arguments, by=by)

    assert refusal.data["state"] == "issued"
    assert queries.case_detail(story.case, timezone.now()).possible == ("issue",)


def test_rights_that_end_within_the_publicity_are_not_publicised():
    story = Story(term_until=(timezone.now() + timedelta(days=2)).date(), workdays=1)
    story.to("accepted")
    story.prove()

    refusal = refused(Conflict, actions.pass_review, story.case, by=story.reviewer)

    assert (refusal.code, story.case.state) == ("rights-ended", "accepted")
