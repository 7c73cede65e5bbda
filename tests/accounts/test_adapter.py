import pytest

from accounts.models import Membership, User
from core.models import Event
from tests.factories.accounts import PASSWORD, make_exchange, make_user

pytestmark = pytest.mark.django_db


def test_anybody_signs_up_as_an_ordinary_user(client):
    reply = client.post(
        "/accounts/signup/",
        {"email": "Li@Example.cn", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert reply.status_code == 302
    user = User.objects.get(email="li@example.cn")
    assert not user.is_staff
    assert not Membership.objects.exists()
    assert Event.objects.get(type="accounts.UserRegistered").subject == user.pk
    assert client.get("/api/v1/me").json()["user"] == user.pk


def test_signing_in_is_by_email_and_password(client):
    user = make_user()

    wrong = client.post("/accounts/login/", {"login": user.email, "password": "nothing 123"})
    right = client.post("/accounts/login/", {"login": user.email.upper(), "password": PASSWORD})

    assert wrong.status_code == 200
    assert right.status_code == 302
    assert client.get("/api/v1/me").json()["email"] == user.email


def test_the_reading_room_is_for_administrators_of_the_exchange(client):
    client.force_login(make_user())
    assert client.get("/break-glass/").status_code == 302

    administrator = make_exchange().memberships.first().user
    client.force_login(administrator)

    for page in ("", "accounts/user/", "accounts/organisation/", "accounts/apikey/"):
        assert client.get(f"/break-glass/{page}").status_code == 200
    detail = client.get(f"/break-glass/accounts/user/{administrator.pk}/change/")
    assert detail.status_code == 200
    assert administrator.password not in detail.content.decode()
    assert client.get("/break-glass/accounts/user/add/").status_code == 403
