"""The fast reader accepts a block as the slow one reads it, or leaves it to the slow one."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tallystick.fingerprint import TableError
from tallystick.fingerprint.csv_numpy import encode_rows
from tallystick.fingerprint.csv_records import records
from tallystick.fingerprint.rows import encode_row

BLOCKS = st.lists(
    st.sampled_from([b"a", b"bc", b",", b'"', b'""', b"\n", b"\r\n", b"\r"]), min_size=1
)


@settings(max_examples=1000)
@given(BLOCKS, st.integers(1, 3))
@example([b'"a""",', b'"\r\n"', b"\r\n"], 2)
@example([b'""""', b"\n"], 1)
@example([b'""a', b"\n"], 1)
@example([b'a""', b"\n"], 1)
@example([b'"a"\r', b"b\n"], 1)
@example([b"\n"], 1)
@example([b"\r\n"], 1)
@example([b'"a\r"'], 1)
def test_both_readers_agree_on_every_block(pieces, columns):
    block = b"".join(pieces)
    try:
        expected = [encode_row(cells) for cells in records(block, columns)]
    except TableError:
        expected = None

    found = encode_rows(block, columns)

    if expected is None:
        assert found is None
    else:
        assert found is not None
        encoded, ends = found
        assert [encoded[a:b] for a, b in zip([0, *ends], ends, strict=False)] == expected
