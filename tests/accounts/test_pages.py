"""One's own organisation, team and keys: who sees what, each deed, its refusal and its twin."""

import csv
import io
import re

import pytest
from django.conf import settings
from django.test import Client

from accounts import actions, queries
from accounts.authentication import SESSION_ORGANISATION
from accounts.models import Interest, Invitation, KeyChallenge, Membership, Organisation, SigningKey
from accounts.states import OrganisationState, Role
from core.actors import COMMAND
from core.models import Event
from tallystick import keys
from tests.factories import accounts

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
LISTS = ("/desk/organisation", "/desk/team", "/desk/keys")
HOSTILE = "<script>alert(1)</script>&\u4e2d"


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def first_user(organisation):
    return queries.members_of(organisation)[0].user


@pytest.fixture
def seller():
    return accounts.make_seller()


@pytest.fixture
def client(seller) -> Client:
    return sign_in(first_user(seller))


def send(client, address, verb, intent="once", **data):
    return client.post(address, {"verb": verb, "intent": intent, **data})


def application(**changes):
    stated = {
        "name": "示例新企业",
        "uscc": accounts.make_uscc(),
        "kind": "enterprise",
        "region": "500112",
        "onboarding_sha256": "ab" * 32,
    }
    return stated | changes


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_pages_of_ones_own_open_for_members_alone(client, seller, prefix):
    key = accounts.enrol(seller)[1]
    colleague = accounts.make_member(seller, Role.TRADER)
    stranger, newcomer = sign_in(first_user(accounts.make_buyer())), sign_in(accounts.make_user())
    things = (f"/desk/keys/{key.pk}", f"/desk/team/{colleague.user_id}")

    for address in (*LISTS, *things, "/desk/organisation/apply"):
        visitor = Client().get(prefix + address)
        assert (visitor.status_code, "login" in visitor["Location"]) == (302, True)
        assert client.get(prefix + address).status_code == 200, address
    for address in LISTS:
        assert stranger.get(prefix + address).status_code == 200
        assert newcomer.get(prefix + address).status_code == 302
    for address in things:
        assert stranger.get(prefix + address).status_code == 404
    assert newcomer.get(f"{prefix}/desk/organisation/apply").status_code == 200


def test_the_pages_ask_the_same_few_queries_at_ten_times_the_rows(
    client, seller, django_assert_max_num_queries
):
    member = accounts.make_member(seller, Role.TRADER)
    key = accounts.enrol(seller)[1]
    addresses = (*LISTS, f"/desk/keys/{key.pk}", f"/desk/team/{member.user_id}")
    for _ in range(10):
        accounts.make_member(seller, Role.SIGNER, Role.TRADER)
        accounts.enrol(seller)

    for address in addresses:
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(address).status_code == 200


def test_a_person_applies_once_and_then_acts_for_the_organisation():
    client = sign_in(user := accounts.make_user())
    shown = client.get("/desk/organisation/apply").content.decode()
    sent = application(uscc=accounts.make_uscc().lower())

    replies = [send(client, "/desk/organisation/apply", "apply", **sent) for _ in range(2)]

    made = Organisation.objects.get(name="示例新企业")
    assert 'data-ts-draft="apply"' in shown
    assert [r["Location"] for r in replies] == ["/desk/organisation"] * 2
    assert (made.state, made.uscc) == (OrganisationState.APPLIED, sent["uscc"].upper())
    assert queries.membership_of(user, made)
    assert client.session[SESSION_ORGANISATION] == made.pk
    page = client.get("/desk/organisation").content.decode()
    assert "示例新企业" in page
    assert 'data-ts-draft-done="apply"' in page


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("uscc", "91500112MADEM00015", "“4”"),
        ("uscc", "9150", "4"),
        ("region", "5001", "六位"),
        ("onboarding_sha256", "AB" * 32, "64"),
        ("name", "a\u202eb", "控制字符"),
        ("name", "x" * 10_000, "100"),
        ("kind", "exchange", "exchange"),
    ],
)
def test_an_application_says_at_the_field_what_is_wrong(field, value, says):
    client = sign_in(accounts.make_user())

    reply = send(client, "/desk/organisation/apply", "apply", **application(**{field: value}))

    body = reply.content.decode()
    found = re.search(rf'(?s)id="id_?apply-{field}_error"|id="apply-{field}_error".*?</div>', body)
    assert reply.status_code == 422
    assert found is not None
    assert says in found[0]
    assert not Organisation.objects.filter(kind="enterprise").exists()


def test_hostile_names_are_shown_inert():
    client = sign_in(accounts.make_user(HOSTILE))
    send(client, "/desk/organisation/apply", "apply", **application(name=HOSTILE))

    for address in LISTS:
        body = client.get(address).content.decode()
        assert HOSTILE not in body
        assert "&lt;script&gt;alert(1)" in body


def test_a_refused_organisation_sees_why_and_may_apply_again():
    organisation = accounts.make_applicant()
    actions.refuse(organisation, reason="材料与执照不符。", by=accounts.make_reviewer())
    client = sign_in(user := first_user(organisation))

    page = client.get("/desk/organisation").content.decode()
    reply = send(client, "/desk/organisation/apply", "apply", **application())

    assert "材料与执照不符。" in page
    assert 'href="/desk/organisation/apply"' in page
    assert reply.status_code == 302
    assert queries.memberships_of(user).count() == 2


def test_a_message_reaches_the_exchange(client, seller):
    reply = send(client, "/desk/organisation", "remark", text="材料已补寄。")

    assert reply.status_code == 302
    assert "材料已补寄。" in client.get("/desk/organisation").content.decode()


def test_a_suspended_organisation_looks_and_does_nothing(client, seller):
    actions.suspend(seller, reason="欠费。", by=accounts.make_reviewer())
    before = Event.objects.count()

    reply = send(client, "/desk/keys", "challenge", public_key=accounts.make_private_key()[1])

    assert "欠费。" in client.get("/desk/organisation").content.decode()
    assert (reply.status_code, Event.objects.count()) == (403, before)


def test_an_administrator_gives_roles_and_ends_a_membership(client, seller):
    member = accounts.make_member(seller, Role.TRADER)
    address = f"/desk/team/{member.user_id}"

    given = [send(client, address, "give", roles=["signer"]) for _ in range(2)]
    page = client.get(address).content.decode()
    removed = [send(client, address, "remove") for _ in range(2)]

    assert [r.status_code for r in given] == [302, 302]
    assert str(Role.SIGNER.label) in page
    assert [r.status_code for r in removed] == [302, 404]
    assert Membership.objects.get(user=member.user_id).until is not None


def test_who_is_no_administrator_is_told_who_is(seller):
    clerk = accounts.make_member(seller, Role.TRADER)
    other = accounts.make_member(seller, Role.TRADER)
    client = sign_in(queries.user(clerk.user_id))
    before = Event.objects.count()

    page = client.get(f"/desk/team/{other.user_id}").content.decode()
    reply = send(client, f"/desk/team/{other.user_id}", "remove")

    assert "deed-remove" not in page
    assert "deed-invite" not in client.get("/desk/team").content.decode()
    assert (reply.status_code, Event.objects.count()) == (403, before)


def test_an_interest_is_declared_by_credit_code(client, seller):
    other = accounts.make_buyer()

    replies = [send(client, "/desk/team", "declare", uscc=other.uscc) for _ in range(2)]
    unknown = send(client, "/desk/team", "declare", "again", uscc=accounts.make_uscc())
    twice = send(client, "/desk/team", "declare", "third", uscc=other.uscc)

    assert [r.status_code for r in replies] == [302, 302]
    assert Interest.objects.get(user=first_user(seller)).organisation == other
    assert (unknown.status_code, twice.status_code) == (422, 409)
    assert 'id="declare-uscc_error"' in unknown.content.decode()


def test_the_team_as_csv_runs_nothing(client, seller):
    user = accounts.make_user("=cmd()")
    actions.add_member(seller, user=user, roles=["trader"], by=COMMAND)

    reply = client.get("/desk/team?format=csv")

    rows = list(csv.reader(io.StringIO(b"".join(reply.streaming_content).decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [first_user(seller).name, "'=cmd()"]


def test_a_key_is_enrolled_by_answering_its_challenge(client, seller):
    private, public = accounts.make_private_key()

    drawn = [send(client, "/desk/keys", "challenge", public_key=public) for _ in range(2)]
    challenge = KeyChallenge.objects.get()
    page = client.get("/desk/keys").content.decode()
    answer = keys.prove_possession(
        private,
        origin=settings.LOG_ORIGIN,
        challenge=challenge.nonce,
        document_sha256=seller.onboarding_sha256,
    ).hex()
    wrong = send(client, "/desk/keys", "enrol", "wrong", public_key=public, signature="0" * 128)
    done = [
        send(client, "/desk/keys", "enrol", public_key=public, signature=answer) for _ in range(2)
    ]

    assert [r.status_code for r in drawn] == [302, 302]
    for shown in (f'data-challenge="{challenge.nonce}"', f"--challenge {challenge.nonce}"):
        assert shown in page
    assert (wrong.status_code, [r.status_code for r in done]) == (422, [302, 302])
    key = SigningKey.objects.get()
    assert key.public_key == public
    assert f"/desk/keys/{key.pk}" in client.get("/desk/keys").content.decode()


def test_a_key_is_revoked_with_a_reason(client, seller):
    key = accounts.enrol(seller)[1]
    address = f"/desk/keys/{key.pk}"

    bare = send(client, address, "revoke", "bare", reason="")
    replies = [send(client, address, "revoke", reason="设备遗失。") for _ in range(2)]
    again = send(client, address, "revoke", "again", reason="再次。")

    assert (bare.status_code, [r.status_code for r in replies]) == (422, [302, 302])
    assert again.status_code == 409
    assert SigningKey.objects.get().reason == "设备遗失。"
    page = client.get(address).content.decode()
    assert "设备遗失。" in page
    assert "deed-revoke" not in page


def test_nobody_becomes_a_member_without_agreeing(client, seller):
    invited, other = accounts.make_user(), sign_in(accounts.make_user())
    guest = sign_in(invited)

    sent = [send(client, "/desk/team", "invite", email=invited.email, roles=["trader"])
            for _ in range(2)]  # fmt: skip
    again = send(client, "/desk/team", "invite", "b", email=invited.email, roles=["trader"])
    address = f"/desk/invitations/{Invitation.objects.get().pk}"

    assert ([r.status_code for r in sent], again.status_code) == ([302, 302], 409)
    assert address in client.get("/desk/team").content.decode()
    assert other.get(address).status_code == 404
    assert "deed-withdraw" in client.get(address).content.decode()
    assert "deed-accept" in guest.get(address).content.decode()
    assert send(client, address, "accept").status_code == 404
    joined = [send(guest, address, "accept") for _ in range(2)]
    assert [r.status_code for r in joined] == [302, 302]
    assert queries.membership_of(invited, seller)
    assert guest.session[SESSION_ORGANISATION] == seller.pk


@pytest.mark.parametrize("verb", ["refuse", "withdraw"])
def test_an_invitation_ends_without_a_membership(client, seller, verb):
    invited = accounts.make_user()
    invitation = actions.invite(
        seller, email=invited.email, roles=["trader"], by=accounts.actor_of(seller)
    )
    address = f"/desk/invitations/{invitation.pk}"
    who = sign_in(invited) if verb == "refuse" else client

    first, second = send(who, address, verb), send(who, address, verb, "again")

    assert (first.status_code, second.status_code) == (302, 409)
    assert not invited.memberships.exists()
