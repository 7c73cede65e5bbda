"""The registry over HTTP: one registration, its refusals, and what everybody may read."""

import base64
import json

import pytest
from django.test import Client

from core.models import Event
from registry import queries
from registry.models import Asset, Certificate
from tallystick import credential, keys
from tallystick.digests import sha256_hex
from tests.factories.accounts import (
    actor_of,
    make_actor_key,
    make_administrator,
    make_buyer,
    make_reviewer,
    make_seller,
)
from tests.factories.registry import (
    Story,
    answers_to,
    make_application,
    make_certificate,
    make_exchange_key,
    make_file,
    make_table,
)

pytestmark = pytest.mark.django_db


class Caller:
    """A client with an API key; answers (status, JSON)."""

    def __init__(self, actor=None):
        token = make_actor_key(actor) if actor else ""
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(headers=self.headers)

    def get(self, path):
        reply = self.client.get(f"/api/v1/{path}")
        return reply.status_code, reply.json()

    def post(self, path, body=None, raw=None):
        data = json.dumps(body or {}) if raw is None else raw
        reply = self.client.post(f"/api/v1/{path}", data, content_type="application/json")
        return reply.status_code, reply.json()


def body_of(application):
    """An application as a client sends it."""
    names = (*application.description(), "rights", "evidence_sha256", "term_until", "manifest")
    values = {name: getattr(application, name) for name in names}
    dates = ("temporal_from", "temporal_to")
    return values | {name: values[name].isoformat() for name in dates}


@pytest.fixture
def seller():
    return make_seller()


@pytest.fixture
def applicant(seller):
    return Caller(actor_of(seller))


@pytest.fixture
def reviewer(seller):
    return Caller(make_reviewer())


def test_a_registration_from_application_to_publicity(applicant, reviewer):
    path = make_file()
    status, opened = applicant.post("registrations", body_of(make_application(path)))
    assert (status, opened["case"]["state"]) == (201, "draft")
    case_id = opened["case"]["id"]
    verb = f"registrations/{case_id}"

    assert applicant.post(f"{verb}/submit")[0] == 200
    status, sent_back = reviewer.post(f"{verb}/send_back", {"items": ["请更正名称。"]})
    assert (status, sent_back["correction"]) == (200, ["请更正名称。"])
    renamed = body_of(make_application(path, name="更正后的名称"))
    status, amended = applicant.post(f"{verb}/amend", renamed)
    assert (status, amended["asset"]["name"]) == (200, "更正后的名称")
    assert applicant.post(f"{verb}/submit")[1]["case"]["round"] == 2
    status, accepted = reviewer.post(f"{verb}/accept")
    assert accepted["deadline"]["step"] == "review"
    assert (accepted["deadline"]["workdays"], accepted["deadline"]["overdue"]) == (10, False)

    status, drawn = reviewer.post(f"{verb}/challenge")
    case = queries.case_for(case_id, actor_of(case_holder(case_id)))
    answers = [a.public() for a in answers_to(case, path)]
    assert [a["index"] for a in answers] == drawn["challenge"]["indexes"]
    status, proven = applicant.post(f"{verb}/answer", {"answers": answers})
    assert (status, proven["possession_method"], proven["challenge"]) == (200, "challenge", None)
    status, chunks = reviewer.get(f"{verb}/chunks")
    assert [c["chunk"] for c in chunks] == [a["chunk"] for a in answers]

    status, passed = reviewer.post(f"{verb}/pass")
    assert passed["case"]["state"] == "publicity"
    status, shown = Caller().get("publicity")
    assert set(shown[0]["content"]) == {"applicant", "name", "overview", "restrictions"}
    assert shown[0]["content"]["name"] == "更正后的名称"
    assert reviewer.get(f"{verb}/chunks")[1] == []
    status, early = reviewer.post(f"{verb}/issue")
    assert (status, early["code"]) == (409, "publicity-running")


def case_holder(case_id):
    """The organisation whose case it is."""
    return Asset.objects.get(cases=case_id).holder


def test_refusals_over_http_write_nothing(applicant, reviewer):
    good = body_of(make_application(make_table()))
    wrong_count = json.loads(json.dumps(good))
    wrong_count["manifest"]["chunks"]["count"] = 9
    stranger = Caller(actor_of(make_buyer()))
    case_id = Story().submit().case.id
    before = Event.objects.count(), Asset.objects.count()
    attempts = [
        (422, "invalid", applicant.post("registrations", good | {"colour": "red"})),
        (422, "invalid", applicant.post("registrations", good | {"rights": "hold"})),
        (422, "invalid", applicant.post("registrations", good | {"temporal_from": "2023-13-01"})),
        (422, "invalid", applicant.post("registrations", {})),
        (422, "manifest-mismatch", applicant.post("registrations", wrong_count)),
        (422, "malformed-json", applicant.post("registrations", raw=b'{"name": NaN}')),
        (422, "malformed-json", applicant.post("registrations", raw=b'{"name": "\\u0000"}')),
        (422, "malformed-json", applicant.post("registrations", raw=b'{"name": "\\ud800"}')),
        (
            422,
            "effective-at-range",
            applicant.post("registrations", good | {"effective_at": "1999-01-01T00:00:00Z"}),
        ),
        (401, "unauthenticated", Caller().post("registrations", good)),
        (404, "not-found", applicant.get("registrations/reg_unknown")),
        (404, "not-found", stranger.get(f"registrations/{case_id}")),
        (404, "not-found", stranger.post(f"registrations/{case_id}/withdraw")),
        (404, "not-found", stranger.post(f"registrations/{case_id}/accept")),
        (409, "wrong-state", reviewer.post(f"registrations/{case_id}/pass")),
        (422, "invalid", reviewer.post(f"registrations/{case_id}/refuse", {"reason": "x"})),
    ]

    assert [(status, body["code"]) for _s, _c, (status, body) in attempts] == [
        (status, code) for status, code, _reply in attempts
    ]
    assert (Event.objects.count(), Asset.objects.count()) == before
    assert attempts[4][2][1]["field"] == "manifest.chunks.count"
    wrong_state = attempts[14][2][1]
    assert (wrong_state["data"]["state"], wrong_state["data"]["verb"]) == ("submitted", "pass")


def test_an_unreadable_answer_names_its_chunk(applicant, seller):
    story = Story(seller)
    story.to("accepted")
    verb = f"registrations/{story.case.id}/answer"
    path = ["0" * 64]

    for chunk, code in (("***", "answer"), (base64.b64encode(b"x").decode(), "no-challenge")):
        answer = {"index": 0, "chunk": chunk, "path": path}
        status, body = applicant.post(verb, {"answers": [answer]})
        assert (status, body["code"]) == (422 if code == "answer" else 409, code)


def test_a_certificate_is_public_and_its_credential_verifies(seller, applicant):
    path = make_file()
    certificate = make_certificate(seller, path=path)
    visitor = Caller()

    status, page = visitor.get(f"certificates/{certificate.code}")
    vc_status, vc = visitor.get(f"certificates/{certificate.code}/vc")

    assert (status, vc_status) == (200, 200)
    assert (page["standing"], page["agrees"], page["seal"]["stage"]) == ("valid", True, "unsealed")
    assert {"algorithm": "SHA-256", "hex": sha256_hex(path.read_bytes())} in page["digests"]
    assert page["rights"][0]["operate"] is True
    credential.verify(vc, keys.parse_public(vc["issuer"]["id"]))
    assert credential.digest_of(vc) == page["vc_sha256"] == certificate.vc_sha256
    assert visitor.get("certificates")[1]["results"][0]["code"] == certificate.code
    status, asset = applicant.get(f"assets/{certificate.asset_id}")
    assert (asset["certificate_code"], asset["encumbered"]) == (certificate.code, False)
    assert applicant.get("assets")[1]["results"][0]["id"] == certificate.asset_id


def test_a_file_is_checked_against_its_certificate():
    certificate = make_certificate()
    version, visitor = certificate.version, Caller()
    check = f"certificates/{certificate.code}/check"

    right = visitor.get(f"{check}?sha256={version.sha256}&size={version.size_bytes}")
    wrong = visitor.get(f"{check}?sha256={'0' * 64}&size={version.size_bytes}")
    without = visitor.get(check)

    assert right[1] == {
        "code": certificate.code,
        "matches": True,
        "standing": "valid",
        "differs": [],
    }
    assert (wrong[1]["matches"], wrong[1]["differs"]) == (False, ["sha256"])
    assert (without[0], without[1]["code"]) == (422, "invalid")


def test_a_mistyped_code_is_not_found():
    make_exchange_key()

    status, body = Caller().get("certificates/TS50011220261100004200")

    assert (status, body["code"]) == (404, "code-mistyped")
    assert Certificate.objects.count() == 0


def test_an_encumbrance_is_recorded_shown_and_lifted(seller, applicant):
    certificate = make_certificate(seller)
    administrator = Caller(make_administrator())
    asset = f"assets/{certificate.asset_id}"
    document = {"authority": "示例法院", "document_sha256": "ab" * 32}

    refused = applicant.post(f"{asset}/encumbrances", document | {"kind": "pledge"})
    status, bound = administrator.post(f"{asset}/encumbrances", document | {"kind": "pledge"})

    assert (refused[0], refused[1]["code"]) == (403, "role-needed")
    assert (status, bound["state"]) == (201, "in_force")
    assert applicant.get(f"{asset}/encumbrances")[1] == [bound]
    assert applicant.get(asset)[1]["encumbered"] is True
    assert Caller().get(f"certificates/{certificate.code}")[1]["remarks"] == ["质押"]
    status, lifted = administrator.post(f"encumbrances/{bound['id']}/lift", document)
    assert (status, lifted["state"]) == (200, "lifted")
    status, again = administrator.post(f"encumbrances/{bound['id']}/lift", document)
    assert (status, again["code"]) == (409, "wrong-state")
    assert applicant.get(asset)[1]["encumbered"] is False
    hidden = Caller(actor_of(make_buyer())).post(f"encumbrances/{bound['id']}/lift", document)
    assert hidden[0] == 404
