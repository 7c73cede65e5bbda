"""The seller's products as pages: who sees them, gates shown live, each deed and its refusal."""

import pytest
from django.test import Client

from accounts import queries as people
from core.models import Event
from marketplace.actions import products
from marketplace.forms.products import plain_fields, policy_of
from marketplace.models import Plan, Product, Scenario
from marketplace.states import EDITABLE, ProductState
from tests.factories import accounts, marketplace, registry

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
HOSTILE = "<b>x</b>&产品"


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def person_of(organisation):
    return people.members_of(organisation)[0].user


@pytest.fixture
def stall():
    return marketplace.make_stall()


@pytest.fixture
def client(stall) -> Client:
    return sign_in(person_of(stall.seller))


@pytest.fixture
def address(stall) -> str:
    return f"/desk/products/{stall.product.pk}"


def send(client, address, verb, intent="once", **data):
    return client.post(address, {"verb": verb, "intent": intent, **data})


DESCRIPTION = {
    "name": "重庆市村级代码接口",
    "overview": "按区县查询。",
    "offers_file": "on",
    "purposes": "城市规划\n学术研究",
    "count": "1000",
    "until": "2027-06-30",
    "places": "500000",
    "forbidden": ["distribute"],
}


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_only_the_seller_sees_the_work_on_a_product(client, stall, address, prefix):
    reviewer = sign_in(people.user(stall.reviewer.user_id))
    stranger = sign_in(person_of(accounts.make_buyer()))
    stall.to(ProductState.LISTED)

    for page in ("/desk/products", "/desk/products/new", address):
        assert Client().get(prefix + page).status_code == 302
        assert client.get(prefix + page).status_code == 200
    for who in (reviewer, stranger):
        assert who.get(prefix + address).status_code == 404


@pytest.mark.parametrize("state", list(ProductState))
def test_every_state_has_its_page(client, stall, address, state, django_assert_max_num_queries):
    stall.to(state)

    with django_assert_max_num_queries(MOST_QUERIES + 3):
        body = client.get(address).content.decode()

    assert str(ProductState(state).label) in body
    assert ("deed-submit" in body) == (state in EDITABLE)
    assert ("deed-delist" in body) == (state == ProductState.LISTED)
    assert body.count('<span class="no">') == 14


def test_a_draft_is_made_of_certified_data_once(client, stall):
    registry.make_certificate(stall.seller, path=registry.make_table())
    sent = DESCRIPTION | {"asset": stall.certificate.asset_id, "zone": stall.product.zone_id}

    replies = [send(client, "/desk/products/new", "open", **sent) for _ in range(2)]

    made = Product.objects.get(name=DESCRIPTION["name"])
    assert [r["Location"] for r in replies] == [f"/desk/products/{made.pk}"] * 2
    limits = made.policy["permission"][0]["constraint"]
    assert [one["rightOperand"] for one in limits] == [
        ["城市规划", "学术研究"],
        "1000",
        "2027-06-30T16:00:00Z",
        ["500000"],
    ]
    assert made.policy["prohibition"] == [{"action": "distribute"}]


def test_the_plain_fields_and_the_policy_say_the_same():
    said = {"purposes": "甲\n乙", "count": 5, "until": None, "places": "500000, 510000",
            "forbidden": ["derive"]}  # fmt: skip

    again = plain_fields(policy_of(said))

    assert again == {"purposes": "甲\n乙", "count": 5, "places": "500000, 510000",
                     "forbidden": ["derive"]}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 61),
        ("name", "a\u202eb"),
        ("purposes", " \n "),
        ("purposes", "x" * 65),
        ("places", "chongqing"),
        ("count", "0"),
        ("until", "soon"),
    ],
)
def test_a_description_says_at_the_field_what_is_wrong(client, stall, address, field, value):
    before = Event.objects.count()

    reply = send(client, address, "amend", **DESCRIPTION | {field: value})

    assert (reply.status_code, Event.objects.count()) == (422, before)
    assert f'id="amend-{field}_error"' in reply.content.decode()


def test_a_draft_is_amended_and_keeps_its_service_institution(client, stall, address):
    replies = [send(client, address, "amend", **DESCRIPTION) for _ in range(2)]

    product = stall.fresh()
    assert [r.status_code for r in replies] == [302, 302]
    assert (product.name, product.service_bps) == (DESCRIPTION["name"], 500)


def test_gates_and_words_follow_what_is_typed_before_it_is_saved(client, stall, address):
    headers = {"HX-Request": "true"}

    saved = client.get(address, headers=headers).content.decode()
    typed = client.get(address, {"purposes": "气象研究"}, headers=headers).content.decode()

    assert "<html" not in saved
    assert "尚未保存" not in saved
    assert "气象研究" in typed
    assert "尚未保存" in typed
    assert marketplace.PURPOSE in typed, "the gate names the scenario that is no longer permitted"
    assert 'href="#scenarios"' in typed
    assert stall.fresh().policy == marketplace.make_policy()


def test_plans_and_scenarios_come_and_go(client, stall, address):
    plan = {"name": "包次", "price": "0.37", "quota_min": "1", "quota_max": "5", "file_bytes": "0"}
    scenario = {"purpose": "学术研究", "summary": "统计。", "prohibited": "转售\n识别个人\n转售"}

    added = [send(client, address, "add_plan", **plan) for _ in range(2)]
    added += [send(client, address, "add_scenario", **scenario) for _ in range(2)]
    made = Plan.objects.get(name="包次")
    use = Scenario.objects.get(purpose="学术研究")
    gone = [
        send(client, address, "drop_plan", part=made.pk),
        send(client, address, "drop_scenario", part=use.pk),
    ]

    assert [r.status_code for r in (*added, *gone)] == [302] * 6
    assert made.unit_price_fen == 37
    assert use.prohibited_uses == ["转售", "识别个人"]
    assert not Plan.objects.filter(pk=made.pk).exists()
    assert send(client, address, "drop_plan", "b", part=made.pk).status_code == 404
    assert not Scenario.objects.filter(pk=use.pk).exists()


@pytest.mark.parametrize("price", ["-1", "0.375", "1e3", "x", "9" * 14])
def test_a_price_is_yuan_and_fen(client, stall, address, price):
    plan = {"name": "包次", "price": price, "quota_min": "1", "quota_max": "5", "file_bytes": "0"}

    reply = send(client, address, "add_plan", **plan)

    assert reply.status_code == 422
    assert 'id="add_plan-price_error"' in reply.content.decode()
    assert Plan.objects.count() == 1


def test_a_shut_gate_keeps_a_product_from_review_and_says_why(client, stall, address):
    products.drop_plan(stall.plan, by=stall.trader)

    body = client.get(address).content.decode()
    reply = send(client, address, "submit")

    assert 'href="#plans"' in body
    assert 'aria-describedby="why-submit"' in body
    assert reply.status_code == 409
    assert stall.fresh().state == ProductState.DRAFT


def test_a_product_is_submitted_written_about_and_delisted(client, stall, address):
    submitted = [send(client, address, "submit") for _ in range(2)]
    said = send(client, address, "remark", text="证据已寄出。")
    shown = client.get(address).content.decode()
    stall.product = stall.fresh()
    stall.claim()
    stall.check_all()
    stall.recommend()
    stall.approve()
    bare = send(client, address, "delist", "bare", reason="")
    ended = [send(client, address, "delist", reason="不再提供。") for _ in range(2)]

    assert [r.status_code for r in (*submitted, said)] == [302] * 3
    assert "证据已寄出。" in shown
    assert (bare.status_code, [r.status_code for r in ended]) == (422, [302, 302])
    assert stall.fresh().state == ProductState.DELISTED


def test_a_reviewers_reason_stands_where_the_product_is_amended(client, stall, address):
    stall.to(ProductState.SENT_BACK)

    body = client.get(address).content.decode()

    assert "测试原因。" in body
    assert "deed-amend" in body


def test_the_list_asks_the_same_few_queries_and_shows_names_inert(
    client, stall, address, django_assert_max_num_queries
):
    send(client, address, "amend", **DESCRIPTION | {"name": HOSTILE})
    for _ in range(10):
        marketplace.make_stall(stall.seller, certificate=stall.certificate, deposit=False)

    with django_assert_max_num_queries(MOST_QUERIES):
        body = client.get("/desk/products").content.decode()

    assert body.count("/desk/products/prd_") == 11
    assert "<b>x</b>" not in body
    assert "&lt;b&gt;x" in body


def test_who_is_no_trader_looks_and_does_nothing(stall, address):
    client = sign_in(people.user(accounts.make_member(stall.seller, "auditor").user_id))
    before = Event.objects.count()

    reply = send(client, address, "submit")

    assert "deed-submit" not in client.get(address).content.decode()
    assert (reply.status_code, Event.objects.count()) == (403, before)
