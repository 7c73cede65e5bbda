"""A real exchange stands behind every act, so at one nobody dates an act in the past."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions, queries
from core.actors import COMMAND
from core.errors import Invalid
from core.models import Event
from registry import actions as registrations
from registry.models import RegistrationCase
from tests.factories.accounts import (
    actor_of,
    make_applicant,
    make_exchange,
    make_member,
    make_private_key,
    make_seller,
    make_uscc,
    make_user,
)
from tests.factories.registry import make_application

pytestmark = pytest.mark.django_db
PAST = timedelta(days=3)


def refused(act):
    before = Event.objects.count()
    with pytest.raises(Invalid) as refusal:
        act(timezone.now() - PAST)
    assert (refusal.value.code, refusal.value.field) == ("effective-at-past", "effective_at")
    assert Event.objects.count() == before


def apply(applicant, **changes):
    return actions.apply_for_admission(
        name="示例企业",
        uscc=make_uscc(),
        kind="enterprise",
        region="500103",
        onboarding_sha256="ab" * 32,
        applicant=applicant,
        by=COMMAND,
        **changes,
    )


def test_a_demonstration_member_of_a_real_exchange_acts_at_server_time():
    make_exchange(demo=False)
    seller = make_seller(demo=True)
    clerk = make_member(seller, "trader")
    by = actor_of(seller)
    leaver, newcomer = queries.user(clerk.user_id), make_user()
    public = make_private_key()[1]

    refused(lambda past: actions.remove_member(seller, user=leaver, by=by, now=past))
    refused(
        lambda past: actions.add_member(seller, user=newcomer, roles=["trader"], by=by, now=past)
    )
    refused(lambda past: actions.challenge_key(seller, public_key=public, by=by, now=past))
    refused(lambda past: apply(newcomer, demo=True, now=past))
    refused(
        lambda past: actions.declare_interest(newcomer, organisation=seller, by=COMMAND, now=past)
    )
    stated = make_application()
    refused(lambda past: registrations.open_case(seller, application=stated, by=by, now=past))
    assert not RegistrationCase.objects.exists()
    assert queries.membership_of(leaver, seller).until is None


def test_its_events_still_say_that_they_are_demonstrations():
    make_exchange(demo=False)
    seller = make_seller(demo=True)

    applied = Event.objects.get(type="accounts.AdmissionApplied", subject=seller.pk)
    assert applied.demo is True
    assert applied.effective_at == applied.recorded_at


def test_a_demonstration_exchange_lets_its_demonstrations_have_a_past():
    make_exchange(demo=True)
    person, past = make_user(), timezone.now() - PAST

    applicant = make_applicant(demo=True, now=past)

    assert applicant.applied_at == past
    refused(lambda moment: apply(person, demo=False, now=moment))
