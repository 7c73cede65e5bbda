"""Two at once: one effect, and the other is told what happened."""

import threading

import pytest
from django.db import connections

from core.errors import Conflict, DomainError, WrongState
from core.models import Event
from registry import actions, queries
from registry.models import Certificate, RegistrationCase, SerialCounter
from tests.factories.accounts import make_buyer, make_reviewer
from tests.factories.registry import Story, answers_to, make_exchange_key, make_file

pytestmark = pytest.mark.postgresql


def at_once(*calls):
    """Run the calls in threads that start together; their results or domain errors, in order."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position, call):
        try:
            barrier.wait()
            results[position] = call()
        except DomainError as error:
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def again(case):
    """The case as another process has read it."""
    rows = RegistrationCase.objects.select_related("asset__holder", "version")
    return rows.get(pk=case.pk)


def test_two_reviewers_pass_at_once(committed):
    story = Story()
    story.to("accepted")
    story.prove()
    first, second, other = again(story.case), again(story.case), make_reviewer()

    results = at_once(
        lambda: actions.pass_review(first, by=story.reviewer),
        lambda: actions.pass_review(second, by=other),
    )

    [lost] = [r for r in results if isinstance(r, DomainError)]
    assert isinstance(lost, WrongState)
    assert (lost.data["state"], lost.data["verb"]) == ("publicity", "pass")
    assert Event.objects.filter(type="registry.CasePublicised").count() == 1


def test_two_holders_prove_equal_content_at_once(committed):
    path = make_file()
    stories = [Story(path=path), Story(make_buyer(), path=path)]
    for story in stories:
        story.submit().accept()
        actions.draw_challenge(story.case, by=story.reviewer)
    answers = [answers_to(story.case, path) for story in stories]

    results = at_once(
        *(
            lambda s=s, a=a: actions.answer_challenge(again(s.case), answers=a, by=s.applicant)
            for s, a in zip(stories, answers, strict=True)
        )
    )

    [lost] = [r for r in results if isinstance(r, DomainError)]
    assert isinstance(lost, Conflict)
    assert lost.code == "duplicate-in-process"
    methods = sorted(RegistrationCase.objects.values_list("possession_method", flat=True))
    assert methods == ["", "challenge"]


def test_the_clock_runs_in_two_workers_at_once(committed):
    make_exchange_key()
    for _number in range(3):
        Story().to("publicity")

    results = at_once(actions.run_clock, actions.run_clock)

    assert sum(results) == 3
    assert Certificate.objects.count() == 3
    assert Event.objects.filter(type="registry.CertificateIssued").count() == 3
    assert sorted(c.code[14:20] for c in queries.certificates()) == ["000001", "000002", "000003"]
    assert SerialCounter.objects.get().last == 3


def test_one_case_is_issued_once_by_clock_and_reviewer(committed):
    make_exchange_key()
    story = Story()
    story.to("publicity")
    case = again(story.case)

    results = at_once(actions.run_clock, lambda: actions.issue(case, by=story.reviewer))

    assert Certificate.objects.count() == 1
    issued_by_clock, by_reviewer = results
    assert issued_by_clock == 0 or isinstance(by_reviewer, WrongState)
