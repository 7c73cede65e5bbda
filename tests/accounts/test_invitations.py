"""Nobody becomes a member, or affiliated, without agreeing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import actions, lanes, queries
from accounts.actions.invitations import lapse
from accounts.models import Invitation, Membership
from accounts.states import INVITATION, Role
from core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from core.models import Event
from tests.factories.accounts import (
    actor_of,
    make_exchange,
    make_member,
    make_organisation,
    make_reviewer,
    make_user,
)
from tests.grid import assert_grid

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return make_organisation()


@pytest.fixture
def guest():
    return make_user("示例来宾")


def invite(organisation, email, roles=(Role.TRADER,), **more):
    more = {"by": actor_of(organisation)} | more
    return actions.invite(organisation, email=email, roles=roles, **more)


def accept(invitation, user, **more):
    return actions.accept_invitation(invitation, user=user, by=queries.person(user), **more)


def refused(error, act, *args, **values):
    before = Event.objects.count(), Membership.objects.count(), Invitation.objects.count()
    with pytest.raises(error) as refusal, transaction.atomic():
        act(*args, **values)
    after = Event.objects.count(), Membership.objects.count(), Invitation.objects.count()
    assert after == before
    return refusal.value.code


def test_membership_and_affiliation_begin_with_acceptance(organisation, guest):
    made = invite(organisation, f" {guest.email.upper()} ", now=timezone.now() - timedelta(days=3))

    assert not Membership.objects.filter(user=guest).exists()
    assert not queries.affiliated(guest.pk, organisation.pk, timezone.now())
    joined = accept(made, guest)

    assert joined.since - made.invited_at >= timedelta(days=3)
    assert queries.affiliated(guest.pk, organisation.pk, timezone.now())
    assert queries.actor_for(guest, organisation).roles == {"trader"}
    types = Event.objects.order_by("-id").values_list("type", flat=True)[:2]
    assert list(types) == ["accounts.MemberAdded", "accounts.InvitationAccepted"]
    event = Event.objects.get(type="accounts.MemberInvited")
    assert guest.email not in str(event.body.fields)


def test_who_may_invite_and_withdraw(organisation, guest):
    trader, stranger = make_member(organisation, Role.TRADER), actor_of(make_organisation())
    made = invite(organisation, "later@example.cn")

    assert refused(NotAllowed, invite, organisation, guest.email, by=trader) == "role-needed"
    assert refused(NotFound, invite, organisation, guest.email, by=stranger) == "not-found"
    assert refused(NotAllowed, actions.withdraw_invitation, made, by=trader) == "role-needed"
    assert refused(NotFound, actions.withdraw_invitation, made, by=stranger) == "not-found"


def test_what_cannot_be_invited(organisation, guest):
    invite(organisation, guest.email)
    member = queries.user(actor_of(organisation).user_id)

    assert refused(Conflict, invite, organisation, guest.email) == "invited-already"
    assert refused(Conflict, invite, organisation, member.email) == "member-already"
    assert refused(Invalid, invite, organisation, "nobody") == "bad-email"
    assert refused(Invalid, invite, organisation, "a@example.cn", ["reviewer"]) == (
        "reviewer-outside"
    )


def test_an_address_without_an_account_is_invited_alike(organisation, guest):
    known, unknown = invite(organisation, guest.email), invite(organisation, "no@example.cn")

    assert (known.state, known.roles) == (unknown.state, unknown.roles)


def test_nobody_else_answers_it(organisation, guest):
    made, other = invite(organisation, guest.email), make_user()
    by_machine = actor_of(organisation)

    assert refused(NotFound, accept, made, other) == "not-found"
    assert refused(NotFound, actions.accept_invitation, made, user=guest, by=by_machine) == (
        "not-found"
    )
    assert (
        refused(NotFound, actions.refuse_invitation, made, user=guest, by=queries.person(other))
        == "not-found"
    )


def test_people_of_the_exchange_join_no_member(organisation):
    reviewer = queries.user(make_reviewer().user_id)
    made = invite(organisation, reviewer.email)

    assert refused(NotAllowed, accept, made, reviewer) == "exchange-staff"
    assert not queries.affiliated(reviewer.pk, organisation.pk, timezone.now())
    staff = invite(make_exchange(), make_user().email, [Role.REVIEWER])
    accept(staff, queries.user_by_email(staff.email))
    assert staff.state == "accepted"


def test_an_invitation_ends_after_fourteen_days_and_the_clock_says_so_once(organisation, guest):
    made = invite(organisation, guest.email, now=timezone.now() - timedelta(days=14))

    assert refused(WrongState, accept, made, guest) == "wrong-state"
    assert list(queries.invitations_to(guest, timezone.now())) == []
    assert (lanes.clock(), lanes.clock()) == (1, 0)

    made.refresh_from_db()
    event = Event.objects.get(type="accounts.InvitationLapsed")
    assert (made.state, made.closed_at) == ("lapsed", made.expires_at)
    assert (event.effective_at, event.actor) == (made.expires_at, "clock")


def test_an_address_whose_invitation_ended_can_be_invited_again(organisation, guest):
    first = invite(organisation, guest.email, now=timezone.now() - timedelta(days=15))

    second = invite(organisation, guest.email)

    first.refresh_from_db()
    assert (first.state, second.state) == ("lapsed", "open")
    assert Event.objects.filter(type="accounts.InvitationLapsed", subject=first.pk).count() == 1


def test_the_grid(organisation):
    def make(state):
        made = invite(organisation, make_user().email)
        for verb in INVITATION.verbs_from(made.state):
            if INVITATION.targets[made.state, verb] == state:
                call_lapse_when_over(made, verb)
                break
        return made

    def call(made, verb):
        guest = queries.user_by_email(made.email)
        person = queries.person(guest)
        if verb == "accept":
            actions.accept_invitation(made, user=guest, by=person)
        elif verb == "refuse":
            actions.refuse_invitation(made, user=guest, by=person)
        elif verb == "withdraw":
            actions.withdraw_invitation(made, by=actor_of(organisation))
        else:
            with transaction.atomic():
                lapse(made)

    def call_lapse_when_over(made, verb):
        if verb == "lapse":
            over = timezone.now() - timedelta(days=1)
            begun = over - timedelta(days=1)
            Invitation.objects.filter(pk=made.pk).update(invited_at=begun, expires_at=over)
            made.refresh_from_db()
        call(made, verb)

    assert_grid(INVITATION, make, call_lapse_when_over)


def test_the_database_keeps_one_open_invitation_of_an_address(organisation, guest):
    made = invite(organisation, guest.email)

    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            organisation=organisation,
            email=guest.email,
            roles=["trader"],
            invited_by="x",
            invited_at=made.invited_at,
            expires_at=made.expires_at,
        )


def test_over_http_from_invitation_to_membership(organisation, guest):
    administrator, person = Client(), Client()
    administrator.force_login(queries.user(actor_of(organisation).user_id))
    person.force_login(guest)
    base, body = "/api/v1", {"email": guest.email, "roles": ["trader"]}

    path = f"{base}/organisations/{organisation.pk}"
    unknown = administrator.post(f"{path}/members", body, content_type="application/json")
    made = administrator.post(f"{path}/invitations", body, content_type="application/json").json()
    waiting = person.get(f"{base}/me/invitations").json()["results"]
    answer = person.post(f"{base}/me/invitations/{made['id']}/accept", {}, "application/json")
    again = person.post(f"{base}/me/invitations/{made['id']}/refuse", {}, "application/json")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-a-member")
    assert [(w["id"], w["organisation_name"]) for w in waiting] == [(made["id"], organisation.name)]
    assert (answer.status_code, answer.json()["roles"]) == (200, ["trader"])
    assert (again.status_code, again.json()["data"]["state"]) == (409, "accepted")
    assert person.get(f"{base}/me/invitations").json()["results"] == []
    listed = administrator.get(f"{path}/invitations").json()["results"]
    assert [row["state"] for row in listed] == ["accepted"]
