"""The applicant's registrations as pages: who sees them, the wizard, each deed and its refusal."""

import json

import pytest
from django.test import Client

from accounts import queries as people
from core.models import Event
from registry import actions, queries
from registry.models import RegistrationCase
from registry.states import CaseState
from tallystick import canonical
from tests.factories import accounts, registry
from tests.factories.registry import Story

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
HOSTILE = "<img src=x>&名称"


def sign_in(organisation) -> Client:
    client = Client()
    client.force_login(people.members_of(organisation)[0].user)
    return client


@pytest.fixture
def seller():
    return accounts.make_seller()


@pytest.fixture
def client(seller) -> Client:
    return sign_in(seller)


def send(client, address, verb, intent="once", **data):
    return client.post(address, {"verb": verb, "intent": intent, **data})


def form_of(stated, **changes):
    """An application as a browser sends it."""
    names = (*stated.description(), "rights", "evidence_sha256")
    data = {name: getattr(stated, name) for name in names}
    data |= {"rights": list(stated.rights), "manifest": canonical.dumps(stated.manifest).decode()}
    return data | changes


def address_of(case) -> str:
    return f"/desk/registrations/{case.pk}"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_only_the_applicant_sees_a_registration(client, seller, prefix):
    case = Story(seller).submit().case
    stranger = sign_in(accounts.make_buyer())
    reviewer = Client()
    reviewer.force_login(people.user(accounts.make_reviewer().user_id))
    own = ("/desk/registrations", "/desk/registrations/new", address_of(case))

    for address in own:
        assert Client().get(prefix + address).status_code == 302
        assert client.get(prefix + address).status_code == 200
    assert stranger.get(prefix + own[0]).status_code == 200
    for who in (stranger, reviewer):
        assert who.get(prefix + own[2]).status_code == 404


@pytest.mark.parametrize("state", list(CaseState))
def test_every_state_has_its_page(client, seller, state, django_assert_max_num_queries):
    story = Story(seller, workdays=2 if state == CaseState.PUBLICITY else 10)
    story.to(state)

    with django_assert_max_num_queries(MOST_QUERIES):
        body = client.get(address_of(story.case)).content.decode()

    assert str(CaseState(state).label) in body
    assert ("deed-submit" in body) == (state in {CaseState.DRAFT, CaseState.RETURNED})
    assert ("deed-withdraw" in body) == (
        state not in {CaseState.DECLINED, CaseState.ISSUED, CaseState.REFUSED, CaseState.WITHDRAWN}
    )
    assert ("/r/TS" in body) == (state == CaseState.ISSUED)


def test_the_list_asks_the_same_few_queries_at_ten_times_the_rows(
    client, seller, django_assert_max_num_queries
):
    for number in range(11):
        story = Story(seller)
        story.to((CaseState.SUBMITTED, CaseState.ACCEPTED, CaseState.PUBLICITY)[number % 3])

    with django_assert_max_num_queries(MOST_QUERIES):
        body = client.get("/desk/registrations").content.decode()

    assert body.count("/desk/registrations/reg_") == 11
    assert "个工作日" in body
    assert client.get("/desk/registrations?state=draft").content.decode().count("/reg_") == 0
    table = b"".join(client.get("/desk/registrations?format=csv").streaming_content).decode()
    assert table.count("2023年重庆市") == 11


def test_the_wizard_makes_one_draft_and_leads_to_it(client, seller):
    sent = form_of(registry.make_application())

    replies = [send(client, "/desk/registrations/new", "open", **sent) for _ in range(2)]

    case = RegistrationCase.objects.get()
    assert [r["Location"] for r in replies] == [address_of(case)] * 2
    assert case.state == CaseState.DRAFT
    assert case.rights == ["hold", "use", "operate"]
    body = client.get(address_of(case)).content.decode()
    assert 'value="2023-01-01"' in body
    assert 'data-ts-draft-done="registration"' in body


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("manifest", "{", "完整粘贴"),
        ("manifest", "[" * 5000, "完整粘贴"),
        ("manifest", "[]", "JSON"),
        ("manifest", '{"v":1,"v":1}', "完整粘贴"),
        ("manifest", "{}", "tallystick fingerprint"),
        ("name", "x" * 41, "40"),
        ("name", "a\u202eb", "控制字符"),
        ("industry", "65", "GB/T 4754"),
        ("temporal_to", "2022-01-01", "时间"),
        ("temporal_from", "tomorrow", ""),
        ("rights", [], ""),
        ("evidence_sha256", "ab", "64"),
        ("source_kind", "stolen", ""),
    ],
)
def test_the_wizard_says_at_the_field_what_is_wrong(client, field, value, says):
    sent = form_of(registry.make_application(), **{field: value})
    before = Event.objects.count()

    reply = send(client, "/desk/registrations/new", "open", **sent)

    body = reply.content.decode()
    assert (reply.status_code, Event.objects.count()) == (422, before)
    part = body.partition(f'id="open-{field}_error"')
    assert part[1]
    assert says in part[2][:600]


def test_a_source_that_does_not_carry_a_right_is_refused_at_the_rights(client):
    sent = form_of(registry.make_application(), source_kind="crawled")

    reply = send(client, "/desk/registrations/new", "open", **sent)

    assert reply.status_code == 422
    assert 'id="open-rights_error"' in reply.content.decode()
    assert not RegistrationCase.objects.exists()


def test_a_hostile_name_is_shown_inert(client):
    send(
        client,
        "/desk/registrations/new",
        "open",
        **form_of(registry.make_application(), name=HOSTILE),
    )
    case = RegistrationCase.objects.get()

    for address in ("/desk/registrations", address_of(case)):
        body = client.get(address).content.decode()
        assert "<img src=x>" not in body
        assert "&lt;img src=x&gt;" in body


def test_a_returned_case_shows_the_notice_is_amended_and_submitted(client, seller):
    story = Story(seller)
    story.to(CaseState.RETURNED)
    address = address_of(story.case)
    sent = form_of(registry.make_application(story.path), overview="补充了来源说明。")

    shown = client.get(address).content.decode()
    amended = [send(client, address, "amend", **sent) for _ in range(2)]
    submitted = [send(client, address, "submit") for _ in range(2)]
    late = send(client, address, "amend", "late", **sent)

    assert "请补充来源说明。" in shown
    assert [r.status_code for r in (*amended, *submitted)] == [302] * 4
    assert late.status_code == 409
    case = RegistrationCase.objects.get()
    assert (case.state, case.round) == (CaseState.SUBMITTED, 2)
    assert case.asset.overview == "补充了来源说明。"


def test_a_challenge_is_answered_with_what_the_file_holds(client, seller):
    story = Story(seller).submit().accept()
    actions.draw_challenge(story.case, by=story.reviewer)
    address = address_of(story.case)
    right = [one.public() for one in registry.answers_to(story.case, story.path)]
    wrong = [right[0] | {"chunk": right[1]["chunk"]}, *right[1:]]
    indexes = queries.open_challenge(story.case).indexes

    shown = client.get(address).content.decode()
    refused = send(client, address, "answer", "a", answer=json.dumps({"answers": wrong}))
    odd = [send(client, address, "answer", f"o{n}", answer=text)
           for n, text in enumerate(("{}", "[]", '{"answers":[1]}', "x"))]  # fmt: skip
    done = [
        send(client, address, "answer", answer=json.dumps({"answers": right})) for _ in range(2)
    ]

    assert f'data-indexes="{",".join(map(str, indexes))}"' in shown
    assert f"--index {indexes[0]}" in shown
    assert refused.status_code == 422
    assert [r.status_code for r in odd] == [422] * 4
    assert [r.status_code for r in done] == [302, 302]
    assert RegistrationCase.objects.get().possession_method == "challenge"


def test_the_holder_of_a_small_file_agrees_to_show_it(client, seller):
    story = Story(seller, path=registry.make_file(chunks=2)).submit().accept()

    shown = client.get(address_of(story.case)).content.decode()
    done = [send(client, address_of(story.case), "consent") for _ in range(2)]

    assert "deed-consent" in shown
    assert [r.status_code for r in done] == [302, 302]
    assert RegistrationCase.objects.get().consented_at is not None
    assert "deed-consent" not in client.get(address_of(story.case)).content.decode()


def test_a_case_is_withdrawn_and_written_about(client, seller):
    case = Story(seller).submit().case

    said = send(client, address_of(case), "remark", text="原件已寄出。")
    shown = client.get(address_of(case)).content.decode()
    gone = [send(client, address_of(case), "withdraw") for _ in range(2)]

    assert (said.status_code, "原件已寄出。" in shown) == (302, True)
    assert [r.status_code for r in gone] == [302, 302]
    assert RegistrationCase.objects.get().state == CaseState.WITHDRAWN


def test_who_is_no_trader_looks_and_does_nothing(seller):
    case = Story(seller).submit().case
    auditor = accounts.make_member(seller, "auditor")
    client = Client()
    client.force_login(people.user(auditor.user_id))
    before = Event.objects.count()

    reply = send(client, address_of(case), "withdraw")

    assert "deed-withdraw" not in client.get(address_of(case)).content.decode()
    assert "deed-open" not in client.get("/desk/registrations/new").content.decode()
    assert (reply.status_code, Event.objects.count()) == (403, before)
