"""Keccak-256 against known answers and an independent implementation."""

from __future__ import annotations

import hashlib

import pytest
from eth_hash.auto import keccak

from tallystick.proof.keccak import keccak256

# Known answers: the Keccak reference and Ethereum constants (empty code hash, ERC-20 Transfer).
KNOWN = [
    (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    (b"testing", "5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02"),
    (
        b"Transfer(address,address,uint256)",
        "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
    ),
]


@pytest.mark.parametrize(("data", "digest"), KNOWN, ids=[repr(data) for data, _ in KNOWN])
def test_known_answers(data, digest):
    assert keccak256(data).hex() == digest


def test_every_length_around_the_block_boundaries():
    for length in [*range(0, 280, 9), 134, 135, 136, 137, 271, 272, 273]:
        data = hashlib.shake_128(bytes([length % 256])).digest(length)

        assert keccak256(data) == keccak(data)


def test_it_is_not_the_standardised_sha3():
    assert keccak256(b"abc") != hashlib.sha3_256(b"abc").digest()
