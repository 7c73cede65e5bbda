"""Proof of possession: drawn chunks, their answer, and the attestation on site."""

import dataclasses
from datetime import timedelta

import pytest
from django.db import transaction

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event
from registry import actions, queries, rules
from registry.models import Attestation, PossessionAnswer, PossessionChallenge
from tallystick.fingerprint import answer
from tests.factories.accounts import make_private_key, make_reviewer
from tests.factories.registry import Story, answers_to, make_file, make_table, manifest_of
from tests.registry.signing import sign_attestation

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    story = Story()
    story.to("accepted")
    return story


def refused(error, call, *args, **arguments):
    """The refusal of a call that must write nothing."""
    before = Event.objects.count(), PossessionAnswer.objects.count()
    with pytest.raises(error) as caught, transaction.atomic():
        call(*args, **arguments)
    assert (Event.objects.count(), PossessionAnswer.objects.count()) == before
    return caught.value


def test_three_distinct_chunks_are_drawn_and_recorded(story):
    challenge = actions.draw_challenge(story.case, by=story.reviewer)

    assert len(set(challenge.indexes)) == 3
    assert set(challenge.indexes) <= set(range(13))
    assert challenge.indexes == sorted(challenge.indexes)
    fields = Event.objects.get(type="registry.ChallengeDrawn").body.fields
    assert fields["indexes"]["value"] == challenge.indexes


def test_draws_differ():
    drawn = set()
    for _round in range(4):
        story = Story(path=make_file(chunks=40))
        story.to("accepted")
        drawn.add(tuple(actions.draw_challenge(story.case, by=story.reviewer).indexes))

    assert len(drawn) > 1


def test_the_right_chunks_prove_possession_once(story):
    challenge = actions.draw_challenge(story.case, by=story.reviewer)
    answers = answers_to(story.case, story.path)

    actions.answer_challenge(story.case, answers=answers, by=story.applicant)

    challenge.refresh_from_db()
    assert (challenge.state, story.case.possession_method) == ("answered", "challenge")
    assert story.case.state == "accepted"
    shown = queries.answers_for(story.case, story.reviewer)
    assert [(a.index, bytes(a.chunk)) for a in shown] == [(a.index, a.chunk) for a in answers]
    again = refused(
        Conflict, actions.answer_challenge, story.case, answers=answers, by=story.applicant
    )
    more = refused(Conflict, actions.draw_challenge, story.case, by=story.reviewer)
    assert (again.code, more.code) == ("no-challenge", "possession-proven")


def test_a_wrong_chunk_is_refused_with_its_index_and_nothing_is_kept(story):
    challenge = actions.draw_challenge(story.case, by=story.reviewer)
    right = answers_to(story.case, story.path)
    wrong = [right[0], dataclasses.replace(right[1], chunk=bytes(65_536)), right[2]]

    refusal = refused(
        Invalid, actions.answer_challenge, story.case, answers=wrong, by=story.applicant
    )

    challenge.refresh_from_db()
    assert (refusal.code, refusal.field) == ("chunk-mismatch", "answers[1].chunk")
    assert refusal.data["index"] == right[1].index
    assert challenge.state == "open"


def test_chunks_that_were_not_drawn_are_refused(story):
    challenge = actions.draw_challenge(story.case, by=story.reviewer)
    others = [index for index in range(13) if index not in challenge.indexes][:3]
    answers = answer(story.path, others, workers=1)

    for given in (answers, answers_to(story.case, story.path)[:2], []):
        refusal = refused(
            Invalid, actions.answer_challenge, story.case, answers=given, by=story.applicant
        )
        assert (refusal.code, refusal.data["wanted"]) == ("answer-indexes", challenge.indexes)


def test_another_file_cannot_answer(story):
    actions.draw_challenge(story.case, by=story.reviewer)
    answers = answers_to(story.case, make_file(chunks=13))

    refusal = refused(
        Invalid, actions.answer_challenge, story.case, answers=answers, by=story.applicant
    )

    assert refusal.code == "chunk-mismatch"


def test_a_late_answer_is_too_late_and_another_challenge_may_be_drawn(story):
    drawn_at = story.moment()
    first = actions.draw_challenge(story.case, by=story.reviewer, now=drawn_at)
    running = refused(
        Conflict, actions.draw_challenge, story.case, by=story.reviewer, now=story.moment()
    )
    late = queries.challenge_deadline(first).at
    answers = answers_to(story.case, story.path)

    refusal = refused(
        Conflict,
        actions.answer_challenge,
        story.case,
        answers=answers,
        by=story.applicant,
        now=late,
    )
    second = actions.draw_challenge(story.case, by=story.reviewer, now=late)

    first.refresh_from_db()
    assert (running.code, refusal.code) == ("challenge-running", "challenge-lapsed")
    assert (first.state, second.state) == ("void", "open")


def test_an_answer_in_the_last_moment_counts(story):
    challenge = actions.draw_challenge(story.case, by=story.reviewer, now=story.moment())
    last = queries.challenge_deadline(challenge).at - timedelta(microseconds=1)

    actions.answer_challenge(
        story.case, answers=answers_to(story.case, story.path), by=story.applicant, now=last
    )

    assert story.case.possession_at == last


@pytest.mark.parametrize(
    ("drawn", "chunks", "needed"),
    [(1, 1, True), (3, 11, True), (3, 12, False), (3, 18, False), (2, 2, True)],
)
def test_more_than_a_quarter_needs_consent(drawn, chunks, needed):
    assert rules.needs_consent(drawn, chunks) is needed


def test_a_small_file_is_attested_first_or_shown_with_consent():
    story = Story(path=make_file(chunks=2))
    story.to("accepted")

    refusal = refused(Conflict, actions.draw_challenge, story.case, by=story.reviewer)
    actions.consent_to_disclosure(story.case, by=story.applicant)
    challenge = actions.draw_challenge(story.case, by=story.reviewer)

    assert (refusal.code, refusal.data["chunks"]) == ("attestation-first", 2)
    assert challenge.indexes == [0, 1]
    actions.answer_challenge(
        story.case, answers=answers_to(story.case, story.path), by=story.applicant
    )
    assert story.case.possession_method == "challenge"


def lying(path, **claims):
    """A case in review, open for its chunks, whose manifest claims something else of the file."""
    manifest = manifest_of(path).public()
    table = manifest.get("table", {}) | claims.pop("table", {})
    claimed = manifest | claims | ({"table": table} if table else {})
    story = Story(path=path, manifest=claimed)
    story.to("accepted")
    if rules.needs_consent(3, story.case.version.chunk_count):
        actions.consent_to_disclosure(story.case, by=story.applicant)
    actions.draw_challenge(story.case, by=story.reviewer)
    return story


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        ({"sha256": "0" * 64}, "manifest.sha256"),
        ({"sm3": "0" * 64}, "manifest.sm3"),
        ({"blake3": "0" * 64}, "manifest.blake3"),
        ({"table": {"row_digest": "0" * 64}}, "manifest.table"),
        ({"table": {"rows": 2}}, "manifest.table"),
    ],
)
def test_a_file_shown_whole_has_the_digests_of_its_manifest(claims, field):
    story = lying(make_table(), **claims)

    refusal = refused(
        Invalid,
        actions.answer_challenge,
        story.case,
        answers=answers_to(story.case, story.path),
        by=story.applicant,
    )

    assert (refusal.code, refusal.field) == ("manifest-digests", field)


def test_the_last_chunk_is_as_long_as_the_size_says():
    path = make_file(chunks=2)
    story = lying(path, size=path.stat().st_size - 1)

    refusal = refused(
        Invalid,
        actions.answer_challenge,
        story.case,
        answers=answers_to(story.case, path),
        by=story.applicant,
    )

    assert (refusal.code, refusal.data["index"]) == ("chunk-mismatch", 1)


def test_a_signed_attestation_proves_possession_and_voids_the_challenge(story):
    challenge = actions.draw_challenge(story.case, by=story.reviewer)
    signed = sign_attestation(story.case, story.reviewer)

    attestation = actions.attest_on_site(story.case, **signed, by=story.reviewer)

    challenge.refresh_from_db()
    assert (story.case.possession_method, challenge.state) == ("on_site", "void")
    fields = Event.objects.get(type="registry.PossessionProven").body.fields
    assert fields["statement_sha256"]["value"] == attestation.statement_sha256


def test_an_attestation_that_was_not_signed_so_is_refused(story):
    signed = sign_attestation(story.case, story.reviewer)
    other = sign_attestation(story.case, other_reviewer := make_reviewer())
    _private, unknown = make_private_key()
    cases = [
        (Invalid, "signature", {"signature": "00" * 64}, story.reviewer),
        (Invalid, "signature", {"statement": signed["statement"] + "。"}, story.reviewer),
        (Invalid, "attestation-statement", {"statement": "见到文件。"}, story.reviewer),
        (NotFound, "key-not-enrolled", {"public_key": unknown}, story.reviewer),
        (NotAllowed, "key-of-another", other, story.reviewer),
    ]

    for error, code, changes, by in cases:
        refusal = refused(error, actions.attest_on_site, story.case, **signed | changes, by=by)
        assert refusal.code == code

    assert Attestation.objects.count() == 0
    actions.attest_on_site(story.case, **other, by=other_reviewer)


@pytest.mark.parametrize("decide", ["publicise", "refuse", "withdraw"])
def test_shown_chunks_are_deleted_at_the_decision(decide):
    story = Story()
    story.to("accepted")
    story.prove()
    assert PossessionAnswer.objects.count() == 3

    if decide == "publicise":
        story.publicise()
    elif decide == "refuse":
        actions.refuse(story.case, ground="harm", reason="损害公共利益。", by=story.reviewer)
    else:
        actions.withdraw(story.case, by=story.applicant)

    assert PossessionAnswer.objects.count() == 0
    assert PossessionChallenge.objects.get().state == "answered"
