"""Deadlines, durations, publicity, duplicates and encumbrances as others read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from core.errors import NotAllowed, NotFound, Unavailable
from registry import actions, queries
from registry.models import DurationRule
from tests.factories.accounts import actor_of, make_administrator, make_buyer, make_regulator
from tests.factories.registry import Story, make_certificate, make_file

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("step", "workdays"), [("acceptance", 3), ("review", 10), ("possession", 2), ("publicity", 5)]
)
def test_durations_of_procedure_c(step, workdays):
    rule = queries.duration("C", step, timezone.now())

    assert (rule.workdays, rule.basis) == (workdays, "交易所登记规则")


def test_a_later_rule_is_in_force_from_its_day_in_china():
    DurationRule.objects.create(
        procedure="C", step="review", basis="新规则", effective_from=date(2026, 3, 1), workdays=7
    )
    eve = datetime(2026, 2, 28, 15, 59, tzinfo=UTC)

    assert queries.duration("C", "review", eve).workdays == 10
    assert queries.duration("C", "review", eve + timedelta(minutes=1)).workdays == 7


def test_a_missing_rule_is_said():
    DurationRule.objects.filter(step="review").delete()

    with pytest.raises(Unavailable) as refusal:
        queries.duration("C", "review", timezone.now())

    assert refusal.value.data == {"procedure": "C", "step": "review"}


def test_each_step_has_its_deadline_and_lateness_moves_no_state():
    story = Story(start=datetime(2026, 3, 2, 1, tzinfo=UTC))
    far = datetime(2026, 6, 1, tzinfo=UTC)
    assert queries.deadline_of(story.case, far) is None

    story.submit()
    acceptance = queries.deadline_of(story.case, far)
    story.accept()
    review = queries.deadline_of(story.case, story.clock)

    assert acceptance.step == "acceptance"
    assert acceptance.at == datetime(2026, 3, 5, 16, tzinfo=UTC)
    assert (acceptance.overdue, acceptance.provisional) == (True, False)
    assert acceptance.workdays_left < 0
    assert (review.step, review.workdays_left, review.overdue) == ("review", 10, False)
    assert review.at == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert actions.run_clock() == 0
    story.case.refresh_from_db()
    assert story.case.state == "accepted"


def test_publicity_lists_its_four_contents_while_it_runs():
    story = Story(workdays=3)
    story.to("publicity")
    ends = queries.publicity_end(story.case).at

    [line] = queries.publicised(timezone.now())

    assert (line.applicant, line.name) == (story.holder.name, story.case.asset.name)
    assert (line.overview, line.restrictions) == (story.case.asset.overview, "无")
    assert (line.begins_at, line.ends_at) == (story.case.publicised_at, ends)
    assert queries.publicised(ends) == []


def test_who_sees_a_case():
    story = Story().submit()
    case_id = story.case.id

    for actor in (story.applicant, story.reviewer, actor_of(make_regulator())):
        assert queries.case_for(case_id, actor) == story.case
        assert list(queries.cases_for(actor)) == [story.case]
    stranger = actor_of(make_buyer())
    assert list(queries.cases_for(stranger)) == []
    with pytest.raises(NotFound):
        queries.case_for(case_id, stranger)
    with pytest.raises(NotFound):
        queries.asset(story.case.asset_id, stranger)


def test_the_queue_holds_no_drafts():
    story = Story()

    assert list(queries.cases_for(story.reviewer)) == []
    assert list(queries.cases_for(story.applicant)) == [story.case]


def test_shown_chunks_are_for_reviewers_alone():
    story = Story()
    story.to("accepted")
    story.prove()

    assert queries.answers_for(story.case, story.reviewer).count() == 3
    for actor in (story.applicant, actor_of(make_regulator()), make_administrator()):
        with pytest.raises(NotAllowed):
            queries.answers_for(story.case, actor)


def test_a_duplicate_of_another_holder_counts_until_it_expires():
    path = make_file()
    certificate = make_certificate(path=path)
    own = Story(certificate.asset.holder, path=path).case.version
    other = Story(make_buyer(), path=path).case.version

    assert queries.duplicate_of(other) == certificate
    assert queries.duplicate_of(own) is None
    assert queries.duplicate_of(other, certificate.valid_until) is None


def test_an_encumbrance_binds_from_its_beginning_to_its_end():
    certificate = make_certificate()
    document = {"authority": "示例法院", "document_sha256": "ab" * 32}
    by, asset = make_administrator(), certificate.asset
    begins = certificate.valid_from + timedelta(hours=1)
    bound = actions.record_encumbrance(asset, kind="preservation", **document, by=by, now=begins)
    remarks = queries.certificate_page(certificate.code).remarks
    ends = begins + timedelta(hours=1)
    actions.lift_encumbrance(bound, **document, by=by, now=ends)

    assert remarks == ("司法保全",)
    assert not queries.encumbered(asset, begins - timedelta(seconds=1))
    assert queries.encumbered(asset, begins)
    assert not queries.encumbered(asset, ends)
    assert queries.certificate_page(certificate.code).remarks == ()


def test_a_detail_says_what_follows():
    story = Story()
    story.to("accepted")
    challenge = actions.draw_challenge(story.case, by=story.reviewer)

    detail = queries.case_detail(story.case, timezone.now())

    assert (detail.challenge, detail.correction, detail.certificate_code) == (challenge, (), "")
    assert detail.answer_by.at > challenge.drawn_at
    assert "pass" in detail.possible
    assert queries.current_version(story.case.asset) == story.case.version
