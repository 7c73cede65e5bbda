"""Registration codes and ISO 7064 MOD 97-10."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from tallystick import codes
from tallystick.codes import CodeError, RegistrationCode

CODE = "TS50011220261100004245"


def test_a_code_is_composed_and_taken_apart():
    assert codes.compose("500112", "202611", 42) == CODE
    assert codes.parse(CODE) == RegistrationCode("500112", "202611", 42, "45")
    assert str(codes.parse(CODE)) == CODE
    assert codes.is_valid(CODE)


@pytest.mark.parametrize("legal_entity", ["5493001KJTIIGC8Y1R12", "HWUPKR0MPOU8FGXBT394"])
def test_published_legal_entity_identifiers_hold(legal_entity):
    assert codes.mod97_is_valid(legal_entity)
    assert codes.mod97_check_digits(legal_entity[:-2]) == legal_entity[-2:]


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40))
def test_check_digits_agree_with_another_implementation(text):
    assert codes.mod97_check_digits(text) == mod_97_10.calc_check_digits(text)
    assert codes.mod97_is_valid(text + codes.mod97_check_digits(text))


@given(st.integers(2, 21), st.sampled_from("0123456789"))
def test_every_single_mistyped_digit_is_found(place, digit):
    mistyped = CODE[:place] + digit + CODE[place + 1 :]

    assert codes.is_valid(mistyped) == (mistyped == CODE)


@given(st.integers(2, 20))
def test_every_swap_of_neighbours_is_found(place):
    swapped = CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :]

    assert codes.is_valid(swapped) == (swapped == CODE)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "form"),
        (CODE.lower(), "form"),
        (CODE + "\n", "form"),
        (CODE[:-1], "form"),
        ("TS５00112202611000042 45"[:22], "form"),
        ("TS05001120261100004245", "region"),
        ("TS50011220261300004245", "month"),
        ("TS50011200001100004245", "month"),
        ("TS50011220261100000045", "serial"),
        ("TS50011220261100004246", "check"),
    ],
)
def test_a_wrong_code_is_refused_for_its_first_fault(code, reason):
    with pytest.raises(CodeError) as caught:
        codes.parse(code)

    assert caught.value.code == reason
    assert not codes.is_valid(code)


@pytest.mark.parametrize(
    ("region", "yyyymm", "serial", "reason"),
    [
        ("50011", "202611", 1, "form"),
        ("500112", "202600", 1, "month"),
        ("500112", "202611", 0, "serial"),
        ("500112", "202611", 1_000_000, "serial"),
    ],
)
def test_no_code_is_composed_from_wrong_parts(region, yyyymm, serial, reason):
    with pytest.raises(CodeError) as caught:
        codes.compose(region, yyyymm, serial)

    assert caught.value.code == reason


def test_check_digits_are_defined_for_digits_and_capitals_only():
    with pytest.raises(CodeError):
        codes.mod97_check_digits("渝1")
    assert not codes.mod97_is_valid("渝102")
    assert not codes.mod97_is_valid("01")
