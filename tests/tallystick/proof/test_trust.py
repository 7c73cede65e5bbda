"""What the verifier trusts comes from outside, in one form."""

from __future__ import annotations

import pytest

from tallystick import keys
from tallystick.proof import note
from tallystick.proof.trust import TrustError, parse_trust
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import FILES, TRUST, broken, with_trust


@pytest.mark.parametrize(
    ("changes", "links"),
    [
        (
            {"log_vkey": note.vkey_of(factory.ORIGIN, keys.public_of(factory.SELLER))},
            {"checkpoint"},
        ),
        (
            {"exchange_vkey": note.vkey_of("exchange.example", keys.public_of(factory.SELLER))},
            {"manifest"},
        ),
        ({"exchange_did": keys.did_of(keys.public_of(factory.SELLER))}, {"certificate"}),
        ({"anchorer": "0x" + "11" * 20}, {"anchor transaction"}),
        (
            {"contract": "0x" + "11" * 20},
            {"anchor transaction", "receipt in header", "chain identity"},
        ),
        ({"id": 5}, {"anchor transaction", "chain identity"}),
        ({"genesis": "11" * 32}, {"chain identity"}),
        ({"code_hash": "11" * 32}, {"chain identity"}),
        (
            {"origin": "other.example"},
            {"manifest", "checkpoint", "contract signatures", "usage statement"},
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_trust_comes_from_outside(check, changes, links):
    assert broken(check(FILES, with_trust(**changes))) == links


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"origin": ""},
        {"origin": 5},
        {"log_vkey": "x"},
        {"exchange_vkey": ""},
        {"more": 1},
        {"exchange_did": "did:key:zz"},
        {"chain": {}},
        {"chain": 5},
        {"chain": {**TRUST["chain"], "id": "5"}},
        {"chain": {**TRUST["chain"], "anchorer": "0x00"}},
        {"chain": {**TRUST["chain"], "block_hashes": {}}},
        {"chain": {**TRUST["chain"], "block_hashes": [1]}},
        {"chain": {**TRUST["chain"], "local": 0}},
        {"chain": {**TRUST["chain"], "more": 0}},
    ],
)
def test_a_malformed_trust_file_is_an_error(change):
    with pytest.raises(TrustError):
        parse_trust({**TRUST, **change})


def test_an_issuer_that_is_not_a_did_key_signs_with_the_exchange_key():
    trust = parse_trust({**TRUST, "exchange_did": "did:web:exchange.example"})

    assert trust.issuer_key == keys.public_of(factory.EXCHANGE)
