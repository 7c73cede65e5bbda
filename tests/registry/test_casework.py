"""Cases are taken on, given back, written about and checked; a claim binds the others."""

import pytest
from django.db import DatabaseError, transaction

from core.casework import remarks_on
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Claim, Event, Remark
from registry import actions
from registry.states import CaseState
from tests.factories import accounts
from tests.factories.registry import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story().submit()


def written() -> tuple[int, int, int]:
    return Claim.objects.count(), Remark.objects.count(), Event.objects.count()


def test_a_claimed_case_is_decided_by_who_has_it(story):
    other = accounts.make_reviewer()
    actions.claim(story.case, by=story.reviewer)
    before = written()

    with pytest.raises(NotAllowed) as refused:
        actions.accept(story.case, by=other)
    with pytest.raises(Conflict):
        actions.claim(story.case, by=other)

    assert refused.value.code == "another-reviewer"
    assert written() == before
    actions.accept(story.case, by=story.reviewer)
    assert story.case.state == CaseState.ACCEPTED


def test_who_has_a_case_or_an_administrator_gives_it_back(story):
    other, administrator = accounts.make_reviewer(), accounts.make_administrator()
    actions.claim(story.case, by=story.reviewer)

    with pytest.raises(NotAllowed):
        actions.release(story.case, by=other)
    actions.release(story.case, by=administrator)
    with pytest.raises(Conflict):
        actions.release(story.case, by=administrator)

    actions.claim(story.case, by=other)
    assert list(Claim.objects.order_by("id").values_list("user", flat=True)) == [
        story.reviewer.user_id,
        other.user_id,
    ]


def test_a_decided_case_is_not_claimed(story):
    actions.decline(story.case, reason="不属于登记范围。", by=story.reviewer)

    with pytest.raises(WrongState):
        actions.claim(story.case, by=story.reviewer)


def test_an_applicant_neither_claims_nor_checks(story):
    before = written()

    with pytest.raises(NotAllowed):
        actions.claim(story.case, by=story.applicant)
    with pytest.raises(NotAllowed):
        actions.check_item(story.case, item="name", result="pass", by=story.applicant)

    assert written() == before


def test_the_applicant_reads_what_is_outward_and_its_own(story):
    actions.remark(story.case, text="内部意见", outward=False, by=story.reviewer)
    actions.remark(story.case, text="请说明来源", outward=True, by=story.reviewer)
    actions.remark(story.case, text="已说明", outward=False, by=story.applicant)

    shown = [r.text for r in remarks_on(story.case.id, story.holder.pk)]
    staff = [r.text for r in remarks_on(story.case.id, story.reviewer.organisation_id)]
    assert shown == ["请说明来源", "已说明"]
    assert staff == ["内部意见", "请说明来源", "已说明"]


def test_a_stranger_says_nothing_and_a_draft_hears_nothing(story):
    stranger = accounts.actor_of(accounts.make_buyer())
    draft = Story()
    before = written()

    with pytest.raises(NotFound):
        actions.remark(story.case, text="路过", outward=True, by=stranger)
    with pytest.raises(NotAllowed):
        actions.remark(draft.case, text="草稿", outward=True, by=draft.applicant)
    with pytest.raises(Invalid):
        actions.remark(story.case, text=" ", outward=True, by=story.applicant)
    with pytest.raises(Invalid):
        actions.remark(story.case, text="长" * 1001, outward=True, by=story.applicant)

    assert written() == before


def test_the_event_commits_to_the_text_and_does_not_hold_it(story):
    said = actions.remark(story.case, text="内部意见", outward=False, by=story.reviewer)

    body = Event.objects.select_related("body").get(type="registry.CaseRemarked").body.fields
    assert body["remark"]["value"] == said.pk
    assert "内部意见" not in str(body)


def test_what_is_not_in_order_stops_the_pass_until_a_later_finding(story):
    story.accept().prove()
    actions.check_item(story.case, item="rights", result="fail", text="缺合同", by=story.reviewer)

    with pytest.raises(Conflict) as refused:
        actions.pass_review(story.case, by=story.reviewer)
    actions.check_item(story.case, item="rights", result="pass", by=story.reviewer)
    actions.pass_review(story.case, by=story.reviewer)

    assert refused.value.code == "checklist-failed"
    assert story.case.state == CaseState.PUBLICITY


@pytest.mark.parametrize(
    "finding",
    [
        {"item": "nothing", "result": "pass"},
        {"item": "name", "result": "perhaps"},
        {"item": "name", "result": "fail"},
    ],
)
def test_a_finding_names_its_item_and_says_what_is_wrong(story, finding):
    before = written()

    with pytest.raises(Invalid):
        actions.check_item(story.case, by=story.reviewer, **finding)

    assert written() == before


def test_what_was_said_never_changes(story):
    said = actions.remark(story.case, text="意见", outward=True, by=story.reviewer)

    with pytest.raises(DatabaseError), transaction.atomic():
        Remark.objects.filter(pk=said.pk).update(text="改过")
