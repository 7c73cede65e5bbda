"""The verdict of a certificate's page: what was checked just now, never more."""

from dataclasses import replace
from importlib import import_module

import pytest

from registry.queries.certificates import certificate_page
from registry.queries.proofs import AnchorLine, ProofPath
from registry.states import Standing
from registry.views.certificates import qr, verdict
from tests.factories.registry import make_certificate

pytestmark = pytest.mark.django_db
ANCHOR = AnchorLine(block_number=6, block_hash="ab" * 32, size=3, local=True, consistent=True)
PATH = ProofPath(
    index=1,
    leaf_hash="ab" * 32,
    sides=(True, False),
    included=True,
    size=3,
    root="cd" * 32,
    key_id="01020304",
    signed=True,
    signed_at="2026-11-22T08:00:00.000000Z",
    anchor=ANCHOR,
)


@pytest.fixture
def page():
    return certificate_page(make_certificate().code)


def test_in_force_needs_agreement_and_a_proof_that_holds(page):
    assert verdict(page, PATH)["word"] == "有效"
    assert verdict(page, PATH)["tone"] == "jade"


def test_without_a_checkpoint_the_page_claims_less(page):
    found = verdict(page, None)

    assert (found["tone"], found["word"]) == ("amber", "有效，尚未封存")


@pytest.mark.parametrize("broken", [
    {"included": False},
    {"signed": False},
    {"anchor": replace(ANCHOR, consistent=False)},
])  # fmt: skip
def test_one_broken_link_is_enough(page, broken):
    found = verdict(page, replace(PATH, **broken))

    assert (found["tone"], found["word"]) == ("crimson", "证明不成立")


@pytest.mark.parametrize(
    ("standing", "word"), [(Standing.EXPIRED, "已过期"), (Standing.NOT_YET, "未生效")]
)
def test_out_of_its_term_a_certificate_is_not_in_force(page, standing, word):
    found = verdict(replace(page, standing=standing), PATH)

    assert (found["tone"], found["word"]) == ("amber", word)


def test_a_changed_certificate_loses_seal_and_verdict(client, page, monkeypatch):
    reads = import_module("registry.queries.certificates")
    monkeypatch.setattr(reads, "agrees_with_log", lambda *_stored: False)

    shown = client.get(f"/r/{page.code}").content.decode()

    assert "与日志不一致" in shown
    assert "#seal-tally" not in shown


def test_a_certificate_can_be_asked_for_in_small_letters_and_without_javascript(client, page):
    assert client.get("/r/", {"code": page.code.lower()}).url == f"/r/{page.code}"
    assert client.get("/r/", {"code": ""}).url == "/r/-"
    assert client.post(f"/r/{page.code}").status_code == 405


def test_the_picture_code_is_a_drawing_without_style():
    drawn = qr("http://127.0.0.1:8000/r/TS50011220261100000171")

    assert drawn.startswith('<svg class="ts-qr"')
    assert "style" not in drawn
    assert 'd="M0 0.5h1' in drawn
