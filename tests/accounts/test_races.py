"""Real processes that enrol keys at the same moment: one key, one event, whoever is first."""

import pytest

from accounts import actions
from accounts.models import KeyChallenge, SigningKey
from core.models import Event
from tests.accounts.test_signing_keys import answer
from tests.factories.accounts import actor_of, make_organisation, make_private_key
from tests.marketplace.test_race import at_once

pytestmark = pytest.mark.postgresql
PROCESSES = 8


def enrolment(organisation, private, public):
    """What one process does to enrol the key: its challenge is drawn beforehand."""
    by = actor_of(organisation)
    challenge = actions.challenge_key(organisation, public_key=public, by=by)
    signature = answer(private, challenge)
    return lambda: actions.enrol_key(organisation, public_key=public, signature=signature, by=by)


def test_one_answer_many_times_at_once_enrols_one_key(committed):
    private, public = make_private_key()
    organisation = make_organisation()
    before = Event.objects.filter(type="accounts.KeyEnrolled").count()

    found = at_once([enrolment(organisation, private, public)] * PROCESSES)

    assert found.count("done") == 1
    assert set(found) <= {"done", "key-enrolled", "no-challenge", "challenge-used"}
    assert SigningKey.objects.get(public_key=public).organisation_id == organisation.pk
    assert Event.objects.filter(type="accounts.KeyEnrolled").count() == before + 1
    assert KeyChallenge.objects.get(public_key=public).used_at is not None


def test_one_key_enrolled_by_many_organisations_at_once_is_one_s(committed):
    private, public = make_private_key()
    owners = [make_organisation() for _number in range(PROCESSES)]
    before = Event.objects.filter(type="accounts.KeyEnrolled").count()

    found = at_once([enrolment(owner, private, public) for owner in owners])

    assert found == ["done"] + ["key-enrolled"] * (PROCESSES - 1)
    assert SigningKey.objects.filter(public_key=public).count() == 1
    assert Event.objects.filter(type="accounts.KeyEnrolled").count() == before + 1
