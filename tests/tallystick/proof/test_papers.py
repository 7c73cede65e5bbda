"""Certificate, contract and usage statement."""

from __future__ import annotations

import pytest

from tallystick import keys
from tallystick.proof.report import ABSENT, FAILED
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import broken, with_json, with_trust


def test_a_bundle_without_papers_says_so_and_holds(check, story):
    story.contents |= {"certificates": [], "contracts": [], "statements": []}

    found = check(story.files())

    assert {name: status for name, (status, _) in found.items()} == {
        "certificate": ABSENT,
        "contract signatures": ABSENT,
        "usage statement": ABSENT,
    }


def test_a_revoked_key_signs_nothing_more(check, story):
    story.bodies[7] = factory.body(
        7, type="accounts.KeyRevoked", public_key=keys.public_of(factory.BUYER).hex()
    )

    found = check(story.files(), with_trust(local=True))

    assert broken(found) == {"contract signatures", "usage statement"}
    assert found["contract signatures"][1].endswith("event 7 revoked the key before")


def test_a_key_revoked_later_still_counts_for_what_it_signed_before(check, story):
    story.bodies[10] = factory.body(
        10, type="accounts.KeyRevoked", public_key=keys.public_of(factory.BUYER).hex()
    )

    assert broken(check(story.files(), with_trust(local=True))) == {"usage statement"}


def signing(story, index, role):
    """The event that recorded the signature of the party in `role` under the contract."""
    made = story.signatures[f"signatures/contract-{role}.json"]
    values = {name: made[name] for name in ("digest", "role", "public_key", "signature")}
    return factory.body(index, type="contracts.ContractSigned", **values)


def test_a_key_revoked_after_its_own_signature_still_counts(check, story):
    """The seller signs and concludes after the buyer, whose signer has left meanwhile."""
    story.bodies[5] = signing(story, 5, "buyer")
    story.bodies[7] = factory.body(
        7, type="accounts.KeyRevoked", public_key=keys.public_of(factory.BUYER).hex()
    )
    story.bodies[8] = signing(story, 8, "seller")

    assert broken(check(story.files(), with_trust(local=True))) == {"usage statement"}


def test_a_key_enrolled_after_its_signature_does_not_count(check, story):
    story.bodies[2] = signing(story, 2, "buyer")

    found = check(story.files(), with_trust(local=True))

    assert broken(found) == {"contract signatures"}
    assert "no earlier event of the bundle enrolled the key" in found["contract signatures"][1]


@pytest.mark.parametrize(
    ("index", "fact", "link"),
    [
        (factory.CERTIFICATE_EVENT, "CertificateProposed", "certificate"),
        (factory.CONTRACT_EVENT, "ContractRequested", "contract signatures"),
        (factory.STATEMENT_EVENT, "StatementDrawn", "usage statement"),
    ],
)
def test_only_the_concluding_event_commits_to_a_paper(check, story, index, fact, link):
    story.bodies[index]["type"]["value"] = f"any.{fact}"

    found = check(story.files(), with_trust(local=True))

    assert broken(found) == {link}
    assert f"event {index} is any.{fact}, not" in found[link][1]


@pytest.mark.parametrize(
    "missing", ["signatures/contract-seller.json", "signatures/contract-buyer.json"]
)
def test_one_signature_is_not_enough(check, story, missing):
    story.contents["contracts"][0]["signatures"].remove(missing)

    found = check(story.files())

    assert broken(found) == {"contract signatures"}
    assert "is not signed by its" in found["contract signatures"][1]


def test_one_side_cannot_sign_for_both(check, story):
    """A key enrolled by the seller does not sign as the buyer, whatever the file says."""
    digest = story.signatures["signatures/contract-seller.json"]["digest"]
    forged = keys.sign_statement(
        factory.SELLER, purpose="contract", origin=factory.ORIGIN, digest=digest, role="buyer"
    )
    story.signatures["signatures/contract-buyer.json"] |= {
        "public_key": keys.public_of(factory.SELLER).hex(),
        "signature": forged.hex(),
        "key_event": factory.SELLER_KEY_EVENT,
    }

    found = check(story.files())

    assert found == {
        "contract signatures": (
            FAILED,
            "signatures/contract-buyer.json: the key was enrolled for another organisation",
        )
    }


def test_an_enrolment_without_its_proof_of_possession_does_not_count(check, story):
    del story.bodies[factory.BUYER_KEY_EVENT]["challenge"]

    found = check(story.files(), with_trust(local=True))

    assert broken(found) == {"contract signatures", "usage statement"}
    detail = "event 4 does not disclose the proof of possession"
    assert found["contract signatures"][1] == detail


def test_an_enrolment_answering_another_challenge_does_not_count(check, story):
    story.bodies[factory.BUYER_KEY_EVENT]["challenge"]["value"] = "5b" * 32

    found = check(story.files(), with_trust(local=True))

    assert broken(found) == {"contract signatures", "usage statement"}
    assert found["usage statement"][1].startswith("event 4: the proof of possession fails")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s["lines"][0].update(amount_fen=699), "not its billed units at its price"),
        (lambda s: s["lines"][0].update(billed_units=True), "not its billed units at its price"),
        (lambda s: s.update(lines=[1]), "not its billed units at its price"),
        (lambda s: s.update(lines={}), "has no lines"),
        (lambda s: s.update(amount_fen=701), "not the sum of the lines"),
        (lambda s: s.update(root="0" * 64), "not what event 12 committed to"),
        (lambda s: s.update(contract_digest="0" * 64), "of another contract"),
        (lambda s: s.update(number=2), "not what event 12 committed to"),
    ],
)
def test_a_statement_that_does_not_add_up_is_refused(check, change, reason):
    found = check(with_json("statement.json", change))

    assert broken(found) == {"usage statement"}
    assert reason in found["usage statement"][1]


def test_a_statement_needs_its_contract_in_the_bundle(check, story):
    story.contents["contracts"] = []

    found = check(story.files())

    assert broken(found) == {"usage statement"}
    assert "under a contract that the bundle does not hold" in found["usage statement"][1]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(seller={"id": ""}),
        lambda c: c.update(seller="org_seller"),
        lambda c: c.pop("buyer"),
        lambda c: c.update(buyer={"id": "org_seller"}),
    ],
)
def test_a_contract_names_two_parties(check, change):
    assert "contract signatures" in broken(check(with_json("contract.json", change)))


def test_a_root_that_the_lines_do_not_make_is_refused(check, story):
    story.bodies[factory.STATEMENT_EVENT]["root"]["value"] = "0" * 64

    found = check(story.files(), with_trust(local=True))

    assert broken(found) == {"usage statement"}
    reason = "statement.json: the lines do not make the root that was recorded"
    assert found["usage statement"][1] == reason
