"""Signer recovery against eth-keys; refusal of what Ethereum refuses."""

from __future__ import annotations

import hashlib

import pytest
from eth_keys import keys

from tallystick.proof import secp256k1
from tallystick.proof.keccak import keccak256
from tallystick.proof.secp256k1 import N, SignatureError, recover_address

# The address of the private key 1 is the address of the generator, published in many places.
GENERATOR_ADDRESS = "7e5f4552091a69125d5dfcb7b8c2659029395bdf"


def test_the_generator_has_its_published_address():
    assert secp256k1.address_of(secp256k1.G).hex() == GENERATOR_ADDRESS


def test_a_published_signature():
    """EIP-155: the example's signing hash and its signature by the key 0x4646...46."""
    digest = bytes.fromhex("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
    r = 0x28EF61340BD939BC2195FE537567866003E1A15D3C71FF63E1590620AA636276
    s = 0x67CBE9D8997F761AECB703304B3800CCF555C9F3DC64214B297FB1966A3B6D83

    address = recover_address(digest, r, s, 0)

    assert address.hex() == "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"


@pytest.mark.parametrize("seed", range(12))
def test_recovery_agrees_with_eth_keys(seed):
    private = keys.PrivateKey(hashlib.sha256(bytes([seed])).digest())
    digest = keccak256(bytes([seed]) * seed)
    signature = private.sign_msg_hash(digest)

    address = recover_address(digest, signature.r, signature.s, signature.v)

    assert address == private.public_key.to_canonical_address()
    assert recover_address(digest, signature.r, signature.s, 1 - signature.v) != address


def test_out_of_range_values_are_refused():
    private = keys.PrivateKey(hashlib.sha256(b"key").digest())
    digest = keccak256(b"text")
    r, s, v = (getattr(private.sign_msg_hash(digest), name) for name in "rsv")

    for case in [
        (digest, 0, s, v),
        (digest, N, s, v),
        (digest, r, 0, v),
        (digest, r, N - s, 1 - v),
        (digest, r, N, v),
        (digest, r, s, 2),
        (digest[:31], r, s, v),
        (digest, r + N, s, v),
    ]:
        with pytest.raises(SignatureError):
            recover_address(*case)


def test_an_x_off_the_curve_is_refused():
    with pytest.raises(SignatureError, match="point"):
        recover_address(bytes(32), 5, 1, 0)
