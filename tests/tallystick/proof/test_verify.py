"""A whole bundle link by link: what is true holds, and each lie breaks its own link."""

from __future__ import annotations

import pytest

from tallystick.proof import bundle, note, tree
from tallystick.proof.report import FAILED, NOT_CHECKED, OK
from tallystick.proof.verify import CHECKS, verify_bundle
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import FILES, TRUST, broken, with_json

NAMES = [name for name, _ in CHECKS]


def test_every_link_of_a_true_bundle_holds(check):
    assert check(FILES) == {}


@pytest.mark.parametrize("path", sorted([*FILES, "MANIFEST"]))
def test_one_changed_byte_in_any_file_is_refused(check, path):
    made = bundle.read_bundle(factory.write(FILES))
    content = made[path]
    for at in {0, len(content) // 2, len(content) - 1}:
        bent = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

        assert "manifest" in check(bundle._zip({**made, path: bent}))


@pytest.mark.parametrize("path", sorted(FILES))
def test_one_changed_byte_is_found_even_when_the_exchange_signs_it(check, path):
    """The exchange could sign any manifest: each file is held by a link of its own."""
    content = FILES[path]
    at = len(content) // 2
    bent = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    found = check({**FILES, path: bent})

    unverifiable = {"bundle.json"}  # what it names is free text; its structure is checked below
    assert broken(found) or path in unverifiable


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_missing_file_is_missed(check, path):
    found = check({name: content for name, content in FILES.items() if name != path})

    assert found["manifest"][0] != OK
    assert found["manifest"][1].startswith(path)
    assert len(found) > 1


def test_a_file_that_nothing_names_is_refused(check):
    found = check({**FILES, "extra.json": b"{}"})

    assert found == {"manifest": (FAILED, "extra.json is not accounted for in bundle.json")}


def test_an_unreadable_bundle_leaves_every_other_link_unchecked(check, tmp_path):
    found = check(b"not a ZIP")

    assert found["manifest"][0] == FAILED
    assert {status for name, (status, _) in found.items() if name != "manifest"} == {NOT_CHECKED}
    assert not verify_bundle(tmp_path / "missing.zip", TRUST).ok


def lies():
    """(name, files, the links that must break and no other)."""
    wrong_root = tree.root_of([tree.hash_leaf(b"other")])
    forged = note.sign_checkpoint(factory.ORIGIN, factory.SIZE, wrong_root, factory.LOG).encode()
    stranger = note.sign_checkpoint(
        factory.ORIGIN, factory.SIZE, factory.make_story().root(factory.SIZE), factory.SELLER
    ).encode()
    return [
        (
            "field",
            with_json("events/6.json", lambda e: e["disclosed"]["code"].update(value="TS2")),
            {"disclosures"},
        ),
        (
            "salt",
            with_json("events/6.json", lambda e: e["disclosed"]["code"].update(salt="0" * 64)),
            {"disclosures"},
        ),
        (
            "hidden",
            with_json("events/6.json", lambda e: e["hidden"]["demo"].update(sm3="0" * 64)),
            {"disclosures"},
        ),
        ("leaf", {**FILES, "leaves/6.json": FILES["leaves/9.json"]}, {"disclosures", "inclusion"}),
        ("swap", {**FILES, "proofs/6.json": FILES["proofs/9.json"]}, {"inclusion"}),
        ("path", with_json("proofs/6.json", lambda p: p["path"].pop()), {"inclusion"}),
        ("size", with_json("proofs/6.json", lambda p: p.update(size=16)), {"inclusion"}),
        ("root", {**FILES, "checkpoint": forged}, {"inclusion", "consistency"}),
        ("log key", {**FILES, "checkpoint": stranger}, {"checkpoint"}),
        ("history", with_json("consistency.json", lambda c: c["path"].pop()), {"consistency"}),
        ("sizes", with_json("consistency.json", lambda c: c.update({"from": 13})), {"consistency"}),
        (
            "tx index",
            with_json("anchor/anchor.json", lambda a: a.update(tx_index=0)),
            {"receipt in header"},
        ),
        (
            "log index",
            with_json("anchor/anchor.json", lambda a: a.update(log_index=0)),
            {"receipt in header"},
        ),
        (
            "log 9",
            with_json("anchor/anchor.json", lambda a: a.update(log_index=9)),
            {"receipt in header"},
        ),
        (
            "tx hash",
            with_json("anchor/anchor.json", lambda a: a.update(tx_hash="00" * 32)),
            {"anchor transaction"},
        ),
        (
            "block",
            with_json("anchor/anchor.json", lambda a: a.update(block_number=78)),
            {"block header"},
        ),
        (
            "chain",
            with_json("anchor/anchor.json", lambda a: a.update(chain_id=1)),
            {"chain identity"},
        ),
        (
            "genesis",
            with_json("anchor/anchor.json", lambda a: a.update(genesis="00" * 32)),
            {"chain identity"},
        ),
        (
            "code",
            with_json("anchor/anchor.json", lambda a: a.update(code_hash="00" * 32)),
            {"chain identity"},
        ),
        (
            "receipt",
            with_json("anchor/receipt_proof.json", lambda p: p["nodes"].pop()),
            {"receipt in header"},
        ),
        (
            "certificate",
            with_json("certificate.json", lambda c: c.update(issuer="did:key:z1")),
            {"certificate"},
        ),
        (
            "contract",
            with_json("contract.json", lambda c: c.update(quota=101)),
            {"contract signatures", "usage statement"},
        ),
        (
            "statement",
            with_json("statement.json", lambda s: s["lines"][0].update(units=8)),
            {"usage statement"},
        ),
        (
            "role",
            with_json("signatures/contract-buyer.json", lambda s: s.update(role="seller")),
            {"contract signatures"},
        ),
        (
            "purpose",
            with_json("signatures/contract-buyer.json", lambda s: s.update(purpose="statement")),
            {"contract signatures"},
        ),
        (
            "organisation",
            with_json("signatures/contract-buyer.json", lambda s: s.update(organisation="org_x")),
            {"contract signatures"},
        ),
        (
            "key event",
            with_json("signatures/contract-buyer.json", lambda s: s.update(key_event=3)),
            {"contract signatures"},
        ),
        (
            "late key",
            with_json("signatures/contract-buyer.json", lambda s: s.update(key_event=12)),
            {"contract signatures"},
        ),
        (
            "no event",
            with_json("signatures/contract-buyer.json", lambda s: s.update(key_event=5)),
            {"contract signatures"},
        ),
        (
            "bad hex",
            with_json("signatures/contract-buyer.json", lambda s: s.update(signature="zz")),
            {"contract signatures"},
        ),
    ]


@pytest.mark.parametrize(
    ("files", "links"), [lie[1:] for lie in lies()], ids=[lie[0] for lie in lies()]
)
def test_each_lie_breaks_its_own_link(check, files, links):
    assert broken(check(files)) == links


def test_the_report_as_json(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(factory.write(FILES))

    value = verify_bundle(path, TRUST).to_json()

    assert value["ok"] is True
    assert [link["name"] for link in value["links"]] == NAMES
    assert value["links"][7] == {
        "name": "block header",
        "status": "ok",
        "detail": "block 77, " + TRUST["chain"]["block_hashes"][0],
    }
