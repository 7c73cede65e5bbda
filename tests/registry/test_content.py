"""One content, one holder: proof blocks another applicant, copied digests do not."""

import random

import pytest

from core.errors import Conflict
from core.models import Event
from registry import actions
from registry.models import PossessionAnswer
from tests.factories.accounts import make_buyer
from tests.factories.registry import Story, answers_to, make_file, manifest_of
from tests.registry.signing import sign_attestation

pytestmark = pytest.mark.django_db
COPIED = ("sha256", "sm3", "blake3")


@pytest.fixture
def file():
    return make_file()


@pytest.fixture
def holder(file):
    """The true holder's story."""
    return Story(path=file)


@pytest.fixture
def squatter(file, tmp_path):
    """Somebody else's story: the true file's digests over a junk file of the same size."""
    junk = tmp_path / "junk.bin"
    junk.write_bytes(random.Random("junk").randbytes(file.stat().st_size))
    true, own = manifest_of(file).public(), manifest_of(junk).public()
    own |= {name: true[name] for name in COPIED}
    return Story(make_buyer(), path=junk, manifest=own, workdays=2)


def blocked(act, *args, **values):
    """The code of the conflict with which an act is refused; nothing is written by it."""
    before = Event.objects.count(), PossessionAnswer.objects.count()
    with pytest.raises(Conflict) as refusal:
        act(*args, **values)
    assert (Event.objects.count(), PossessionAnswer.objects.count()) == before
    return refusal.value.code


def attest(story):
    """A reviewer of the story sees the file at the applicant's."""
    signed = sign_attestation(story.case, story.reviewer)
    actions.attest_on_site(story.case, **signed, by=story.reviewer)
    return story


def publicise(story):
    """The review is passed now, after acts dated now."""
    actions.pass_review(story.case, by=story.reviewer)


def test_an_application_that_proved_nothing_blocks_nobody(holder, squatter):
    squatter.submit().accept()

    holder.submit().accept().prove().publicise()

    assert holder.case.state == "publicity"
    assert squatter.case.possession_at is None


def test_who_answers_first_blocks_everybody_else_with_the_same_file(file, holder):
    second, third = Story(make_buyer(), path=file), Story(make_buyer(), path=file)
    second.submit().accept()
    actions.draw_challenge(second.case, by=second.reviewer)
    answers = answers_to(second.case, file)
    holder.submit().accept().prove()

    refusals = [
        blocked(actions.answer_challenge, second.case, answers=answers, by=second.applicant),
        blocked(actions.submit, third.case, by=third.applicant),
        blocked(
            actions.attest_on_site,
            second.case,
            **sign_attestation(second.case, second.reviewer),
            by=second.reviewer,
        ),
    ]
    actions.withdraw(holder.case, by=holder.applicant)
    actions.answer_challenge(second.case, answers=answers, by=second.applicant)

    assert refusals == ["duplicate-in-process"] * 3
    assert second.case.possession_method == "challenge"


def test_chunks_of_junk_under_copied_digests_do_not_keep_the_true_holder_out(holder, squatter):
    squatter.submit().accept().prove()
    holder.submit().accept().prove()

    contested = [
        blocked(actions.pass_review, story.case, by=story.reviewer) for story in (squatter, holder)
    ]
    publicise(attest(holder))

    assert contested == ["content-contested"] * 2
    assert (holder.case.state, holder.case.possession_method) == ("publicity", "on_site")
    assert blocked(actions.pass_review, squatter.case, by=squatter.reviewer) == (
        "duplicate-in-process"
    )


def test_what_is_publicised_waits_for_the_reviewer_to_refuse_it(holder, squatter):
    squatter.submit().accept().prove().publicise()
    holder.submit().accept().prove()
    attest(holder)

    refusal = blocked(actions.pass_review, holder.case, by=holder.reviewer)
    reason = "清单所列摘要与文件不符。"
    actions.refuse(squatter.case, ground="falsehood", reason=reason, by=squatter.reviewer)
    publicise(holder)

    assert refusal == "duplicate-in-process"
    assert holder.case.state == "publicity"


def test_who_was_seen_on_site_blocks_by_every_digest(holder, squatter):
    attest(holder.submit().accept())

    refusal = blocked(actions.submit, squatter.case, by=squatter.applicant)

    assert refusal == "duplicate-in-process"


def test_one_look_on_site_is_enough(holder):
    attest(holder.submit().accept())

    signed = sign_attestation(holder.case, holder.reviewer)
    refusal = blocked(actions.attest_on_site, holder.case, **signed, by=holder.reviewer)

    assert refusal == "possession-proven"
