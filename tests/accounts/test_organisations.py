from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions, queries
from accounts.models import Membership, Organisation
from accounts.states import Role
from core.actors import ANYBODY, COMMAND
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event, EventSubject
from tests.factories.accounts import (
    actor_of,
    make_applicant,
    make_exchange,
    make_member,
    make_organisation,
    make_reviewer,
    make_uscc,
    make_user,
)

pytestmark = pytest.mark.django_db


def apply(applicant, **changes):
    fields = {
        "name": "示例企业",
        "uscc": make_uscc(),
        "kind": "enterprise",
        "region": "500103",
        "onboarding_sha256": "ab" * 32,
        "by": queries.person(applicant),
    }
    return actions.apply_for_admission(applicant=applicant, **{**fields, **changes})


def test_a_person_applies_and_is_the_first_member_without_power_yet():
    applicant = make_user()

    organisation = apply(applicant)

    assert organisation.state == "applied"
    assert organisation.is_demo is False
    actor = queries.actor_for(applicant, organisation)
    assert actor.roles == frozenset()
    assert actor.organisation_kind == "enterprise"
    event = Event.objects.get(type="accounts.AdmissionApplied")
    assert event.body.fields["uscc"]["value"] == organisation.uscc
    assert event.demo is False
    refs = EventSubject.objects.filter(event=event).values_list("ref", flat=True)
    assert set(refs) == {organisation.pk, applicant.pk}


def test_admission_puts_the_roles_in_force():
    organisation = make_applicant()

    actions.admit(organisation, by=make_reviewer())

    assert organisation.state == "qualified"
    assert actor_of(organisation).roles == {Role.ADMINISTRATOR, Role.SIGNER, Role.TRADER}
    stored = Organisation.objects.get(pk=organisation.pk)
    assert stored.qualified_at == organisation.qualified_at


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"uscc": "91110000600037341M"}, "uscc-check-digit"),
        ({"name": " "}, "bad-text"),
        ({"kind": "exchange"}, "bad-kind"),
        ({"region": "1"}, "bad-region"),
        ({"onboarding_sha256": "x"}, "bad-digest"),
        ({"now": timezone.now() - timedelta(days=9)}, "effective-at-past"),
        ({"now": timezone.now() + timedelta(days=9)}, "effective-at-future"),
    ],
)
def test_an_application_that_is_not_right_leaves_nothing(changes, code):
    applicant = make_user()
    before = Event.objects.count()

    with pytest.raises(Invalid) as refusal:
        apply(applicant, **changes)

    assert refusal.value.code == code
    assert not Organisation.objects.exists()
    assert Event.objects.count() == before


def test_only_the_command_line_makes_demonstrations_and_nobody_applies_for_another():
    applicant = make_user()

    for changes in (
        {"demo": True},
        {"by": queries.person(make_user())},
        {"by": ANYBODY},
    ):
        with pytest.raises(NotAllowed):
            apply(applicant, **changes)

    assert not Organisation.objects.exists()


def test_a_demonstration_may_be_dated_in_the_past():
    moment = timezone.now() - timedelta(days=30)

    organisation = apply(make_user(), demo=True, by=COMMAND, now=moment)

    assert organisation.applied_at == moment
    event = Event.objects.get(type="accounts.AdmissionApplied")
    assert event.demo is True
    assert event.effective_at == moment
    assert event.recorded_at > moment + timedelta(days=29)


def test_code_and_document_stand_for_one_organisation_until_it_is_refused():
    first = apply(make_user())
    code, document = first.uscc, first.onboarding_sha256

    with pytest.raises(Conflict) as by_code:
        apply(make_user(), uscc=code, onboarding_sha256="cd" * 32)
    with pytest.raises(Conflict) as by_document:
        apply(make_user(), onboarding_sha256=document)

    assert by_code.value.code == "uscc-taken"
    assert by_document.value.code == "document-taken"
    actions.refuse(first, reason="材料不全", by=make_reviewer())
    assert apply(make_user(), uscc=code, onboarding_sha256=document).state == "applied"


def test_members_decide_on_nobody_and_the_affiliated_not_on_their_own():
    organisation = make_applicant()
    reviewer, other = make_reviewer(), make_organisation()
    user = queries.user(reviewer.user_id)
    actions.declare_interest(user, organisation=organisation, by=reviewer)
    before = Event.objects.count()

    with pytest.raises(NotAllowed) as affiliated:
        actions.admit(organisation, by=reviewer)
    with pytest.raises(NotAllowed) as own:
        actions.admit(organisation, by=actor_of(organisation))
    with pytest.raises(NotFound):
        actions.admit(organisation, by=actor_of(other))

    assert affiliated.value.code == "affiliated"
    assert own.value.code == "role-needed"
    assert Event.objects.count() == before
    assert Organisation.objects.get(pk=organisation.pk).state == "applied"


def test_a_suspended_organisation_loses_its_powers_until_it_is_reinstated():
    organisation = make_organisation()

    actions.suspend(organisation, reason="数据来源存疑", by=make_reviewer())
    assert actor_of(organisation).roles == frozenset()
    assert actor_of(organisation).acts_for(organisation.pk)

    actions.reinstate(organisation, by=make_reviewer())
    assert actor_of(organisation).has("trader")
    assert Organisation.objects.get(pk=organisation.pk).reason == ""


@pytest.mark.parametrize("verb", ["refuse", "suspend"])
def test_a_refusal_needs_its_reason(verb):
    organisation = make_applicant() if verb == "refuse" else make_organisation()
    reviewer = make_reviewer()
    before = Event.objects.count()

    with pytest.raises(Invalid) as refusal:
        getattr(actions, verb)(organisation, reason="  ", by=reviewer)

    assert refusal.value.field == "reason"
    assert Event.objects.count() == before


def test_affiliation_lasts_two_years_after_leaving():
    organisation = make_organisation()
    member = make_member(organisation, Role.TRADER)
    user = queries.user(member.user_id)
    left = timezone.now()
    Membership.objects.filter(user=user).update(since=left - timedelta(days=900), until=left)

    def is_affiliated(days):
        return queries.affiliated(user.pk, organisation.pk, left + timedelta(days=days))

    assert is_affiliated(0)
    assert is_affiliated(729)
    assert not is_affiliated(732)
    assert not queries.affiliated(make_user().pk, organisation.pk, left)
    assert not queries.affiliated("", organisation.pk, left)


def test_who_becomes_affiliated_later_does_not_decide_on_the_past():
    past = timezone.now() - timedelta(days=30)
    make_exchange(now=past)
    joined, interested = make_reviewer(now=past), make_reviewer(now=past)
    applicant = make_applicant(now=past)
    actions.add_member(applicant, user=queries.user(joined.user_id), roles=["trader"], by=COMMAND)
    actions.declare_interest(queries.user(interested.user_id), organisation=applicant, by=COMMAND)
    before = Event.objects.count()

    for reviewer in (joined, interested):
        with pytest.raises(NotAllowed) as refusal:
            actions.admit(applicant, by=reviewer, now=past + timedelta(days=1))
        assert refusal.value.code == "affiliated"
    assert Event.objects.count() == before


def test_no_decision_takes_effect_before_what_it_decides_on():
    past = timezone.now() - timedelta(days=30)
    make_exchange(now=past)
    reviewer = make_reviewer(now=past)
    organisation = make_applicant(now=past + timedelta(days=10))

    def refused(action, days, **values):
        before = Event.objects.count()
        with pytest.raises(Invalid) as refusal:
            action(organisation, by=reviewer, now=past + timedelta(days=days), **values)
        assert refusal.value.code == "effective-at-order"
        assert Event.objects.count() == before

    refused(actions.admit, 9)
    refused(actions.refuse, 9, reason="材料不全")
    actions.admit(organisation, by=reviewer, now=past + timedelta(days=12))
    refused(actions.suspend, 11, reason="核查")
    actions.suspend(organisation, reason="核查", by=reviewer, now=past + timedelta(days=14))
    refused(actions.reinstate, 13)
