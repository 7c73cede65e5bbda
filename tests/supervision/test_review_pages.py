"""The operator's pages: who sees them, what each form does once, what it refuses, how they read."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Claim, Event, Remark
from marketplace.models import Product
from registry.models import RegistrationCase
from tests.factories import accounts
from tests.factories.exchange import ROLES, make_session_client
from tests.factories.registry import Story

pytestmark = pytest.mark.usefixtures("undone")
MOST_QUERIES = 12
STAFF = "302 404 404 404 200 200 404"
PAGES = {
    "/review/": STAFF,
    "/review/members/": STAFF,
    "/review/registrations/": STAFF,
    "/review/products/": STAFF,
    "/review/members/{applicant}": STAFF,
    "/review/registrations/{case-accepted}": STAFF,
    "/review/registrations/{case-issued}": STAFF,
    "/review/products/{product-in_review}": STAFF,
    "/review/products/{product-suspended}": STAFF,
}


def filled(path, world):
    return re.sub(r"\{([\w-]+)\}", lambda found: world.ids[found[1]], path)


def send(client, path, verb, intent="one", **fields):
    return client.post(path, {"verb": verb, "intent": intent, **fields})


def text_of(reply):
    return reply.content.decode()


@pytest.fixture
def reviewer(world):
    return make_session_client(world, "reviewer")


@pytest.mark.parametrize("path", PAGES)
def test_each_role_sees_what_it_may(world, path):
    found = [
        make_session_client(world, role).get(filled(path, world)).status_code for role in ROLES
    ]

    assert found == [int(status) for status in PAGES[path].split()]


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_takes_few_queries_in_both_languages(world, reviewer, path, prefix):
    with CaptureQueriesContext(connection) as asked:
        reply = reviewer.get(prefix + filled(path, world))

    assert reply.status_code == 200
    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:160] for q in asked)


def test_more_cases_take_no_more_queries(world, reviewer):
    def asked():
        with CaptureQueriesContext(connection) as found:
            reviewer.get("/review/?tab=all")
        return len(found)

    before = asked()
    for _ in range(3):
        Story(world.seller).submit()
        accounts.make_applicant()

    assert asked() == before


def test_the_desk_finds_by_name_and_number_and_counts(world, reviewer):
    case = RegistrationCase.objects.get(pk=world.ids["case-submitted"])

    by_number = text_of(reviewer.get(f"/review/?tab=all&q={case.pk[-8:]}"))
    none = text_of(reviewer.get("/review/?tab=all&q=nothing-of-this-name"))

    assert f"/review/registrations/{case.pk}" in by_number
    assert "/review/registrations/reg_" not in none
    assert 'class="ts-empty"' in none


def test_what_is_mine_unclaimed_and_second_stands_under_its_tab(world, reviewer):
    path = f"/review/registrations/{world.ids['case-submitted']}"
    send(reviewer, path, "claim")

    mine, unclaimed = (text_of(reviewer.get(f"/review/?tab={t}")) for t in ("mine", "unclaimed"))
    second = text_of(reviewer.get("/review/?tab=second"))

    assert path in mine
    assert path not in unclaimed
    assert world.ids["product-recommended-by-another"] in second
    assert world.ids["product-recommended"] not in second, "the first eye is no second one"


def test_the_desk_as_csv_is_inert(world, reviewer):
    asset = RegistrationCase.objects.get(pk=world.ids["case-submitted"]).asset
    type(asset).objects.filter(pk=asset.pk).update(name="=HYPERLINK(1)")

    reply = reviewer.get("/review/?tab=all&format=csv")

    body = b"".join(reply.streaming_content).decode()
    assert "'=HYPERLINK(1)" in body
    assert world.ids["applicant"] in body


def test_htmx_gets_the_queue_alone(world, reviewer):
    part = text_of(reviewer.get("/review/?here=x", headers={"HX-Request": "true"}))

    assert "<html" not in part
    assert "ts-queue-h" in part


CASE = "/review/registrations/{case-%s}"
DEEDS = [
    (CASE % "submitted", "claim", {}),
    (CASE % "submitted", "accept", {}),
    (CASE % "submitted", "decline", {"usual": "scope"}),
    (CASE % "submitted", "send_back", {"usual": ["name", "source"], "reason": "补地域\n补时间"}),
    (CASE % "accepted", "challenge", {}),
    (CASE % "proven", "pass", {}),
    (CASE % "accepted", "refuse", {"ground": "dispute", "usual": "dispute", "reason": "见附件"}),
    (CASE % "accepted", "remark", {"text": "请说明来源", "outward": "on"}),
    (CASE % "accepted", "check", {"item": "name", "result": "pass"}),
    ("/review/members/{applicant}", "claim", {}),
    ("/review/members/{applicant}", "admit", {}),
    ("/review/members/{applicant}", "refuse", {"usual": "document"}),
    ("/review/members/{applicant}", "remark", {"text": "请补授权书"}),
    ("/review/members/{applicant}", "check", {"item": "kind", "result": "na"}),
    ("/review/members/{buyer}", "suspend", {"reason": "违规"}),
    ("/review/members/{suspended}", "reinstate", {}),
    ("/review/products/{product-submitted}", "claim", {}),
    ("/review/products/{product-in_review}", "release", {}),
    ("/review/products/{product-in_review}", "remark", {"text": "内部"}),
    (
        "/review/products/{product-in_review}",
        "check",
        {"gate": "G4", "result": "pass", "evidence": "分级报告 3 页"},
    ),
    ("/review/products/{product-checked}", "recommend", {}),
    ("/review/products/{product-recommended-by-another}", "approve", {}),
    ("/review/products/{product-in_review}", "send_back", {"usual": "price"}),
    ("/review/products/{product-in_review}", "refuse", {"usual": "gate"}),
    ("/review/products/{product-listed}", "suspend", {"usual": "complaint"}),
    ("/review/products/{product-suspended}", "restore", {}),
    ("/review/products/{product-suspended}", "delist", {"reason": "终止"}),
]


@pytest.mark.parametrize(("path", "verb", "fields"), DEEDS)
def test_each_form_does_its_deed_once(world, reviewer, path, verb, fields):
    address, before = filled(path, world), Event.objects.count()

    first = send(reviewer, address, verb, **fields)
    after = Event.objects.count()
    second = send(reviewer, address, verb, **fields)

    assert (first.status_code, first["Location"]) == (302, address), text_of(first)[-2000:]
    assert (second.status_code, second["Location"]) == (302, address)
    assert (after - before, Event.objects.count()) == (1, after)
    assert reviewer.get(address).status_code == 200


REFUSED = [
    (CASE % "submitted", "decline", {}, 422),
    (CASE % "submitted", "send_back", {}, 422),
    (CASE % "accepted", "refuse", {"ground": "whim", "reason": "无"}, 422),
    (CASE % "accepted", "pass", {}, 409),
    (CASE % "issued", "accept", {}, 409),
    (CASE % "accepted", "remark", {"text": " "}, 422),
    (CASE % "accepted", "remark", {"text": "a\u202eb"}, 422),
    (CASE % "accepted", "check", {"item": "name", "result": "fail"}, 422),
    ("/review/products/{product-in_review}", "check", {"gate": "G1", "result": "pass"}, 409),
    ("/review/products/{product-in_review}", "recommend", {}, 409),
    ("/review/products/{product-recommended}", "approve", {}, 403),
    ("/review/products/{product-listed}", "suspend", {}, 422),
    ("/review/members/{seller}", "admit", {}, 409),
]


@pytest.mark.parametrize(("path", "verb", "fields", "status"), REFUSED)
def test_a_refusal_writes_nothing_and_shows_the_page(  # noqa: PLR0917  # a table of cases
    world, reviewer, path, verb, fields, status
):
    before = Event.objects.count(), Remark.objects.count(), Claim.objects.count()

    reply = send(reviewer, filled(path, world), verb, **fields)

    assert reply.status_code == status
    assert (Event.objects.count(), Remark.objects.count(), Claim.objects.count()) == before
    assert "ts-desk" in text_of(reply)


def test_who_may_read_alone_is_told_so_and_refused(world):
    client = make_session_client(world, "administrator")
    path = filled(CASE % "submitted", world)
    before = Event.objects.count()

    shown = text_of(client.get(path))
    reply = send(client, path, "accept")

    assert 'id="hindrance"' in shown
    assert 'id="decline-reason"' not in shown
    assert (reply.status_code, Event.objects.count()) == (403, before)


def test_a_disabled_button_says_what_is_missing(world, reviewer):
    path = filled("/review/products/{product-recommended}", world)

    shown = text_of(reviewer.get(f"/en{path}"))

    assert 'aria-describedby="why-approve"' in shown
    assert "the second eye is somebody else" in shown


@pytest.mark.parametrize(
    ("model", "thing", "page"),
    [
        ("registry/registrationcase", "case-submitted", "/review/registrations/"),
        ("accounts/organisation", "applicant", "/review/members/"),
        ("marketplace/product", "product-submitted", "/review/products/"),
        ("marketplace/zone", "zone", "/settings/"),
    ],
)
def test_the_reading_room_leads_to_the_page_that_acts(world, model, thing, page):
    client, key = make_session_client(world, "administrator"), world.ids[thing]

    shown = text_of(client.get(f"/break-glass/{model}/{key}/change/"))

    target = page if page == "/settings/" else f"{page}{key}"
    assert f'href="{target}"' in shown


def test_hostile_names_are_shown_inert(world, reviewer):
    product = Product.objects.get(pk=world.ids["product-in_review"])
    type(product).objects.filter(pk=product.pk).update(name="<script>alert(1)</script>")

    for path in (f"/review/products/{product.pk}", "/review/?tab=all", "/review/products/"):
        assert "<script>alert" not in text_of(reviewer.get(path))
