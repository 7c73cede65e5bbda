"""Identities sort by time, name their kind and never repeat."""

from core.ids import ALPHABET, LENGTH, new_id, uuid7_int


def test_ids_carry_their_prefix_and_sort_by_time(monkeypatch):
    monkeypatch.setattr("core.ids.time.time_ns", lambda: 1_700_000_000_000_000_000)
    early = new_id("ast")
    monkeypatch.setattr("core.ids.time.time_ns", lambda: 1_700_000_000_001_000_000)
    late = new_id("ast")

    assert early < late
    assert early.startswith("ast_")
    assert len(early) == LENGTH
    assert set(early[4:]) <= set(ALPHABET)


def test_ids_of_one_millisecond_sort_by_its_fraction(monkeypatch):
    made = []
    for fraction in (0, 250, 1_000, 500_000, 999_999):
        monkeypatch.setattr(
            "core.ids.time.time_ns", lambda f=fraction: 1_700_000_000_000_000_000 + f
        )
        made.append(new_id("evt"))

    assert made == sorted(made)


def test_version_and_variant_bits_are_those_of_uuid7():
    number = uuid7_int()

    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10
    assert number.bit_length() <= 128


def test_ten_thousand_ids_are_distinct():
    assert len({new_id("evt") for _ in range(10_000)}) == 10_000
