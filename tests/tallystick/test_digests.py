"""The three digests against published vectors."""

from __future__ import annotations

import hashlib

import pytest
from blake3 import blake3

from tallystick import digests

# github.com/BLAKE3-team/BLAKE3, test_vectors/test_vectors.json: the first 64 bytes of each output.
BLAKE3_OUTPUTS = {
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    "e00f03e7b69af26b7faaf09fcd333050338ddfe085b8cc869ca98b206c08243a",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"
    "c3a6cb8bf623e20cdb535f8d1a5ffb86342d9c0b64aca3bce1d31f60adfa137b",
    1023: "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"
    "a182d27a591b05592b15607500e1e8dd56bc6c7fc063715b7a1d737df5bad333",
    1025: "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"
    "f4c4a22b4b399155358a994e52bf255de60035742ec71bd08ac275a1b51cc6bf",
}


def test_sha256_of_fips_180_4():
    assert digests.sha256_hex(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
@pytest.mark.parametrize("with_hashlib", [True, False])
def test_sm3_of_gb_t_32905(message, digest, with_hashlib, monkeypatch):
    monkeypatch.setattr(digests, "_HASHLIB_HAS_SM3", with_hashlib)

    state = digests.new_sm3()
    state.update(message[:2])
    state.update(memoryview(message)[2:])

    assert digests.sm3_hex(message) == digest
    assert state.digest().hex() == digest
    assert state.digest().hex() == digest


@pytest.mark.parametrize("length", BLAKE3_OUTPUTS)
def test_blake3_and_its_extended_output(length):
    message = bytes(i % 251 for i in range(length))

    assert digests.blake3_hex(message) == BLAKE3_OUTPUTS[length][:64]
    assert blake3(message).digest(64).hex() == BLAKE3_OUTPUTS[length]


def test_only_64_lower_case_hex_digits_are_a_digest():
    good = hashlib.sha256(b"").hexdigest()

    assert digests.is_hex_digest(good)
    for bad in (good.upper(), good[:-1], good + "0", good + "\n", good.encode(), None, 0):
        assert not digests.is_hex_digest(bad)
