import pytest

from accounts import actions, queries
from accounts.models import ApiKey, Membership, SigningKey, User
from accounts.states import Role
from core.actors import ANYBODY, COMMAND
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event
from tests.factories.accounts import (
    PASSWORD,
    actor_of,
    enrol,
    make_api_key,
    make_exchange,
    make_member,
    make_organisation,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_a_user_is_registered_under_the_lower_case_address():
    user = actions.register_user(email=" Li@Example.CN", name="", password=PASSWORD, by=ANYBODY)

    stored = User.objects.get(pk=user.pk)
    assert (stored.email, stored.name) == ("li@example.cn", "li")
    assert stored.check_password(PASSWORD)
    assert not stored.is_staff
    event = Event.objects.get(type="accounts.UserRegistered")
    assert "li@example.cn" not in str(event.body.fields)


@pytest.mark.parametrize(
    ("email", "password", "error", "code"),
    [
        ("li", PASSWORD, Invalid, "bad-email"),
        ("li@example.cn", "12345678", Invalid, "weak-password"),
        ("LI@example.cn", PASSWORD, Conflict, "email-taken"),
    ],
)
def test_a_registration_that_is_not_right_leaves_nothing(email, password, error, code):
    if error is Conflict:
        actions.register_user(email="li@example.cn", name="李", password=PASSWORD, by=ANYBODY)
    users, events = User.objects.count(), Event.objects.count()

    with pytest.raises(error) as refusal:
        actions.register_user(email=email, name="李", password=password, by=ANYBODY)

    assert refusal.value.code == code
    assert (User.objects.count(), Event.objects.count()) == (users, events)


def test_an_administrator_gives_a_member_further_roles():
    organisation, user = make_organisation(), make_user()
    by = actor_of(organisation)

    first = actions.add_member(organisation, user=user, roles=[Role.TRADER], by=COMMAND)
    second = actions.add_member(organisation, user=user, roles=[Role.SIGNER, "trader"], by=by)

    assert first.pk == second.pk
    assert queries.actor_for(user, organisation).roles == {Role.TRADER, Role.SIGNER}
    granted = dict(second.grants.values_list("role", "granted_by"))
    assert granted == {"trader": "command", "signer": by.label}
    assert Event.objects.filter(type="accounts.MemberAdded", subject=first.pk).count() == 2


def test_who_may_not_give_roles():
    organisation, stranger, user = make_organisation(), make_organisation(), make_user()
    trader = make_member(organisation, Role.TRADER)
    administrator = actor_of(organisation)
    clerk = queries.user(make_member(organisation, Role.AUDITOR).user_id)
    before = Event.objects.count()

    def add(by, who=clerk, roles=("trader",)):
        actions.add_member(organisation, user=who, roles=roles, by=by)

    with pytest.raises(NotFound):
        add(actor_of(stranger))
    with pytest.raises(NotAllowed) as role:
        add(trader)
    with pytest.raises(NotAllowed) as own:
        add(administrator, who=queries.user(administrator.user_id))
    with pytest.raises(NotAllowed) as consent:
        add(administrator, who=user)
    with pytest.raises(Invalid) as outside:
        add(administrator, roles=["reviewer"])
    with pytest.raises(Invalid) as unknown:
        add(administrator, roles=["king"])
    with pytest.raises(Invalid):
        add(administrator, roles=[])

    assert role.value.data == {"role": "administrator"}
    assert (own.value.code, consent.value.code) == ("own-roles", "consent-needed")
    assert (outside.value.code, unknown.value.code) == ("reviewer-outside", "unknown-role")
    assert Event.objects.count() == before
    assert not Membership.objects.filter(user=user).exists()


def test_leaving_ends_roles_api_keys_and_signing_keys():
    organisation = make_organisation()
    _private, key = enrol(organisation)
    make_api_key(organisation)
    user = queries.user(key.user_id)
    second = make_member(organisation, Role.ADMINISTRATOR)

    actions.remove_member(organisation, user=user, by=second)

    with pytest.raises(NotFound):
        queries.actor_for(user, organisation)
    assert SigningKey.objects.get(pk=key.pk).state == "revoked"
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    assert not user.memberships.get().grants.filter(revoked_at=None).exists()
    last = Event.objects.order_by("-id").values_list("type", flat=True)[:2]
    assert list(last) == ["accounts.MemberRemoved", "accounts.KeyRevoked"]
    with pytest.raises(NotFound):
        actions.remove_member(organisation, user=user, by=second)


def test_an_interest_is_declared_once_and_by_oneself():
    organisation, user = make_organisation(), make_user()

    actions.declare_interest(user, organisation=organisation, by=queries.person(user))

    before = Event.objects.count()
    with pytest.raises(Conflict):
        actions.declare_interest(user, organisation=organisation, by=COMMAND)
    with pytest.raises(NotAllowed):
        actions.declare_interest(user, organisation=make_exchange(), by=queries.person(make_user()))
    assert Event.objects.filter(type="accounts.InterestDeclared").count() == 1
    assert Event.objects.exclude(type="accounts.UserRegistered").count() <= before
