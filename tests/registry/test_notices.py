"""Public notices as pages: who sees what, objecting, taking back, deciding."""

import pytest
from django.test import Client

from accounts.queries import user
from core.models import Event
from registry.models import Objection, RegistrationCase
from tests.factories import accounts
from tests.factories.exchange import ROLES
from tests.factories.registry import Story

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
EVIDENCE = "ab" * 32
HOSTILE = "<script>alert(1)</script>"


class Hall:
    """A case in publicity and a browser for each role."""

    def __init__(self):
        self.story = Story(workdays=3)
        self.story.to("publicity")
        self.case = self.story.case
        self.buyer = accounts.make_buyer()
        actors = {
            "seller": self.story.applicant,
            "buyer": accounts.actor_of(self.buyer),
            "stranger": accounts.actor_of(accounts.make_buyer()),
            "reviewer": self.story.reviewer,
            "administrator": accounts.make_administrator(),
            "auditor": accounts.actor_of(accounts.make_regulator()),
        }
        self.clients = {"visitor": Client()}
        for role, actor in actors.items():
            self.clients[role] = Client()
            self.clients[role].force_login(user(actor.user_id))

    @property
    def address(self):
        return f"/notices/{self.case.pk}"

    def object(self, role="buyer", intent="once", **changes):
        stated = {"ground": "dispute", "text": "数据由我方采集。", "evidence_sha256": EVIDENCE}
        data = {"verb": "object", "intent": intent, **stated, **changes}
        return self.clients[role].post(self.address, data)

    def statuses(self, address):
        return [self.clients[role].get(address).status_code for role in ROLES]


@pytest.fixture
def hall():
    return Hall()


def body(reply):
    assert reply.status_code == 200
    return reply.content.decode()


def test_notices_are_public_in_both_languages(hall):
    for prefix in ("", "/en"):
        assert hall.statuses(f"{prefix}/notices") == [200] * 7
        assert hall.statuses(f"{prefix}{hall.address}") == [200] * 7
    shown = body(Client().get(hall.address))
    for text in (hall.case.asset.name, hall.case.version.sha256, hall.case.version.sm3):
        assert text in shown
    assert "剩" in shown
    unpublicised = Story().submit().case
    assert hall.statuses(f"/notices/{unpublicised.pk}") == [404] * 7


def test_a_member_objects_once_and_the_public_sees_only_that_one_is_open(hall):
    replies = [hall.object() for _ in range(2)]

    assert [reply["Location"] for reply in replies] == [hall.address] * 2
    made = Objection.objects.get()
    assert (made.objector, made.ground, made.state) == (hall.buyer, "dispute", "open")
    assert Event.objects.filter(type="registry.ObjectionFiled").count() == 1
    public, party = (body(hall.clients[r].get(hall.address)) for r in ("visitor", "seller"))
    assert "1 项异议待决" in public
    assert (made.text in public, made.text in party) == (False, True)
    assert "1 项异议待决" in body(Client().get("/notices"))


def test_a_bad_objection_stands_at_its_field_with_what_was_typed(hall):
    reply = hall.object(evidence_sha256="zz", text="我方的数据")

    assert reply.status_code == 422
    assert 'id="object-evidence_sha256_error"' in reply.content.decode()
    assert "我方的数据" in reply.content.decode()
    assert Objection.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "status"), [("seller", 403), ("reviewer", 403), ("administrator", 403)]
)
def test_who_may_not_object_is_told_why(hall, role, status):
    before = Event.objects.count()

    assert hall.object(role).status_code == status
    assert "data-ts-digest" not in body(hall.clients[role].get(hall.address))
    assert (Objection.objects.count(), Event.objects.count()) == (0, before)


def test_a_visitor_is_led_to_sign_in(hall):
    assert "/accounts/login/?next=" in body(Client().get(hall.address))
    assert "login" in hall.object("visitor")["Location"]


def test_a_second_objection_is_refused_and_the_first_can_be_taken_back(hall):
    hall.object()
    assert hall.object(intent="two").status_code == 409

    buyer = hall.clients["buyer"]
    taken = buyer.post(hall.address, {"verb": "withdraw", "intent": "w"})
    again = buyer.post(hall.address, {"verb": "withdraw", "intent": "x"})

    assert taken.status_code == 302
    assert again.status_code == 404
    assert Objection.objects.get().state == "withdrawn"


def test_a_reviewer_decides_and_parties_read_the_reason(hall):
    hall.object()
    made = Objection.objects.get()
    address = f"/review/objections/{made.pk}"

    assert hall.statuses(address) == [302, 200, 200, 404, 200, 200, 200]
    forms = {r: 'name="reason"' in body(hall.clients[r].get(address)) for r in ("seller", "buyer")}
    assert forms == {"seller": False, "buyer": False}
    assert 'name="reason"' in body(hall.clients["reviewer"].get(address))

    empty = hall.clients["reviewer"].post(address, {"verb": "uphold", "intent": "a", "reason": ""})
    stranger = hall.clients["buyer"].post(
        address, {"verb": "uphold", "intent": "a", "reason": "我方有理。"}
    )
    assert (empty.status_code, stranger.status_code) == (422, 403)
    decided = [
        hall.clients["reviewer"].post(
            address, {"verb": "uphold", "intent": "b", "reason": "权属存在争议。"}
        )
        for _ in range(2)
    ]

    assert [reply["Location"] for reply in decided] == [address] * 2
    assert RegistrationCase.objects.get(pk=hall.case.pk).state == "refused"
    for role in ("seller", "buyer"):
        assert "权属存在争议。" in body(hall.clients[role].get(address))
    assert "权属存在争议。" not in body(Client().get(hall.address))


def test_a_rejected_objection_lets_the_registration_go_on(hall):
    hall.object()
    address = f"/review/objections/{Objection.objects.get().pk}"

    reply = hall.clients["reviewer"].post(
        address, {"verb": "reject", "intent": "b", "reason": "证据不足。"}
    )

    assert reply.status_code == 302
    assert RegistrationCase.objects.get(pk=hall.case.pk).state == "publicity"


def test_hostile_words_are_inert(hall):
    hall.object(text=HOSTILE)
    made = Objection.objects.get()

    for address in (hall.address, f"/review/objections/{made.pk}"):
        assert HOSTILE not in body(hall.clients["reviewer"].get(address))
    assert hall.object("stranger", text="一\u202e二").status_code == 422


def test_the_same_few_queries_at_ten_times_the_rows(hall, django_assert_max_num_queries):
    hall.object()
    for _ in range(10):
        Story(workdays=3).to("publicity")

    for role in ("visitor", "reviewer"):
        for address in ("/notices", hall.address):
            with django_assert_max_num_queries(MOST_QUERIES):
                body(hall.clients[role].get(address))
    with django_assert_max_num_queries(MOST_QUERIES):
        body(hall.clients["reviewer"].get(f"/review/objections/{Objection.objects.get().pk}"))


def test_notices_are_downloaded_as_csv(hall):
    reply = Client().get("/notices?format=csv")

    lines = b"".join(reply.streaming_content).decode().splitlines()
    assert lines[1].startswith(f"{hall.case.pk},{hall.story.holder.name},")
