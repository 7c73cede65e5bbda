"""Supervision over HTTP: who is let in, what comes back, and what stays refused."""

import json

import pytest
from django.test import Client

from core.models import Event
from supervision import queries
from tallystick.digests import sha256_hex
from tallystick.proof import note, tree
from tallystick.proof.trust import parse_trust
from tallystick.proof.verify import verify_bundle
from tests.factories import accounts
from tests.factories.registry import make_certificate
from tests.factories.supervision import open_log

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def caller(actor):
    """A client that calls with an API key of this actor."""
    return Client(headers={"Authorization": f"Bearer {accounts.make_actor_key(actor)}"})


@pytest.fixture
def certificate():
    return make_certificate()


@pytest.fixture
def auditor():
    return caller(accounts.actor_of(accounts.make_regulator()))


@pytest.fixture
def seals(tmp_path):
    return open_log(tmp_path)


def export(client, ref, body=None, **headers):
    return client.post(
        f"{BASE}/trails/{ref}/bundle", body or {}, content_type="application/json", headers=headers
    )


def test_an_auditor_reads_a_trail(certificate, auditor):
    answer = auditor.get(f"{BASE}/trails/{certificate.asset_id}", headers={"Accept-Language": "en"})

    found = answer.json()
    assert (answer.status_code, found["ref"], found["complete"]) == (
        200,
        certificate.asset_id,
        True,
    )
    (issued,) = [line for line in found["lines"] if line["type"] == "registry.CertificateIssued"]
    assert issued["line"] == f"The certificate {certificate.code} was issued"
    assert issued["actor"] == "clock"
    assert issued["seal"] == {"stage": "unsealed", "index": None, "size": None, "local": False}
    assert Event.objects.filter(type="supervision.TrailRead").count() == 1


@pytest.mark.parametrize("accept", ["application/zip", "*/*", "application/json"])
def test_an_auditor_exports_a_bundle(certificate, auditor, seals, tmp_path, accept):
    seals.anchor()

    answer = export(auditor, certificate.asset_id, Accept=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["X-Bundle-SHA256"] == sha256_hex(answer.content)
    assert f'filename="{certificate.asset_id}.zip"' in answer["Content-Disposition"]
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)
    assert verify_bundle(path, Client().get(f"{BASE}/trust").json()).ok


@pytest.mark.parametrize("accept", ["application/zip", "*/*"])
def test_what_is_not_anchored_is_a_problem_with_a_remedy(certificate, auditor, seals, accept):
    answer = export(auditor, certificate.asset_id, Accept=accept)

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert (problem["code"], answer["Retry-After"]) == ("not-anchored", "5")
    assert problem["remedy"]


def test_an_export_takes_no_body(certificate, auditor, seals):
    seals.anchor()

    answer = export(auditor, certificate.asset_id, {"fields": ["type"]})

    assert answer.status_code == 422
    assert not Event.objects.filter(type="supervision.EvidenceExported").exists()


def calls(client, ref):
    """Both endpoints of a trail; their statuses."""
    return [client.get(f"{BASE}/trails/{ref}").status_code, export(client, ref).status_code]


def test_others_are_refused_and_nothing_is_recorded(certificate, seals):
    seals.anchor()
    holder = caller(accounts.actor_of(certificate.asset.holder))
    reviewer = caller(accounts.make_reviewer())
    before = Event.objects.count()

    assert calls(holder, certificate.asset_id) == [403, 403]
    assert calls(reviewer, certificate.asset_id) == [403, 403]
    assert calls(holder, "ast_unknown") == [403, 403]
    assert calls(Client(), certificate.asset_id) == [401, 401]
    assert Event.objects.count() == before


@pytest.mark.parametrize("ref", ["ast_unknown", "x" * 300, "%F0%9F%92%A9", "..", "a'b"])
def test_an_unknown_ref_is_404(certificate, auditor, seals, ref):
    before = Event.objects.count()

    assert calls(auditor, ref) == [404, 404]
    assert Event.objects.count() == before


def test_trust_is_public_and_has_its_form(certificate, seals):
    answer = Client().get(f"{BASE}/trust")

    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(queries.trust_file()))
    assert parse_trust(answer.json()).chain.local is True


def test_trust_before_there_is_a_log_says_what_to_run(certificate):
    answer = Client().get(f"{BASE}/trust")

    assert (answer.status_code, answer.json()["code"]) == (503, "log-missing")
    assert "ledger_init" in answer.json()["remedy"]


def test_anybody_can_prove_one_event_in_the_log(certificate, seals):
    seals.sign()
    event = Event.objects.get(subject=certificate.id)

    proof = Client().get(f"{BASE}/events/{event.id}/proof").json()

    trust = queries.trust_file()
    head = note.verify_checkpoint(proof["checkpoint"], trust["origin"], [trust["log_vkey"]])
    leaf = tree.hash_leaf(proof["leaf"].encode())
    path = [bytes.fromhex(node) for node in proof["path"]]
    assert tree.verify_inclusion(proof["index"], head.size, leaf, path, head.root)
    assert (proof["event"], proof["size"], proof["leaf_hash"]) == (event.id, head.size, leaf.hex())
    assert json.loads(proof["leaf"]) == {
        "v": 1,
        "sha256": event.root_sha256,
        "sm3": event.root_sm3,
    }


def test_an_event_without_a_signed_head_is_a_conflict(certificate, seals):
    event = Event.objects.get(subject=certificate.id)
    client = Client()

    assert client.get(f"{BASE}/events/{event.id}/proof").json()["code"] == "not-sealed"
    seals.sequence()
    assert client.get(f"{BASE}/events/{event.id}/proof").status_code == 409
    assert client.get(f"{BASE}/events/evt_unknown/proof").status_code == 404
