"""The row digest against its definition."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3

from tallystick.fingerprint import csv_numpy
from tallystick.fingerprint.rows import LANES, PureRowSum, digest_of_state, encode_row

VECTORS = json.loads(Path("docs/reference/vectors/fingerprint.json").read_text("utf-8"))


@pytest.mark.parametrize("row", VECTORS["rows"])
def test_rows_are_encoded_as_published(row):
    encoded = encode_row([cell.encode() for cell in row["cells"]])

    assert encoded.hex() == row["encoded"]
    assert blake3(encoded).digest(32).hex() == row["xof_first_32"]


def lanes_by_definition(encoded: list[bytes]) -> bytes:
    total = np.zeros(LANES, dtype=np.uint64)
    for row in encoded:
        total += np.frombuffer(blake3(row).digest(4 * LANES), dtype="<u4")
    return (total % 2**32).astype("<u4").tobytes()


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 1000])
def test_both_sums_are_the_definition(count):
    encoded = [encode_row([str(number).encode(), b"x"]) for number in range(count)]
    pure = PureRowSum()

    for row in encoded:
        pure.add_row(row)
    ends = np.cumsum([len(row) for row in encoded], dtype=int).tolist()

    assert pure.state() == lanes_by_definition(encoded)
    assert csv_numpy.sum_rows(b"".join(encoded), ends) == pure.state()


def test_order_is_nothing_and_number_is_all():
    rows = [encode_row([str(number).encode()]) for number in range(50)]
    shuffled = random.Random(3).sample(rows, len(rows))

    def digest(encoded: list[bytes]) -> str:
        total = PureRowSum()
        for row in encoded:
            total.add_row(row)
        return digest_of_state(total.state())

    assert digest(shuffled) == digest(rows)
    assert digest([*rows, rows[0]]) != digest(rows)
    assert digest(rows[1:]) != digest(rows)


def test_parts_are_summed_apart():
    whole, left, right = PureRowSum(), PureRowSum(), PureRowSum()
    for number in range(20):
        row = encode_row([str(number).encode()])
        whole.add_row(row)
        (left if number % 3 else right).add_row(row)

    left.add_state(right.state())

    assert left.state() == whole.state()


def test_lanes_wrap_and_never_carry_into_their_neighbours():
    total = PureRowSum()

    total.add_state(b"\xff" * 4096)
    total.add_state(b"\xff" * 4096)
    total.add_state((1).to_bytes(4, "little") * LANES)

    assert total.state() == b"\xff" * 4096
