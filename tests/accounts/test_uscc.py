import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from accounts import uscc
from core.errors import Invalid

GOOD = "91110000600037341L"


def test_a_right_code_is_normalised():
    assert uscc.checked(" 9 1 110000-600037341l ") == GOOD


@pytest.mark.parametrize("authority", ["A", "N", "Y", "5"])
def test_every_registering_authority_of_the_standard_is_known(authority):
    body = authority + "1500103600037341"

    assert uscc.checked(body + stdnum_uscc.calc_check_digit(body))


@pytest.mark.parametrize(
    ("code", "reason", "data"),
    [
        ("9111000060003734", "uscc-length", {"length": 16}),
        ("", "uscc-length", {"length": 0}),
        ("01110000600037341L", "uscc-character", {"position": 1}),
        ("90110000600037341L", "uscc-character", {"position": 2}),
        ("9111A000600037341L", "uscc-character", {"position": 5}),
        ("91110000O00037341L", "uscc-character", {"position": 9}),
        ("91110000600037341Z", "uscc-character", {"position": 18}),
        ("９1110000600037341L", "uscc-character", {"position": 1}),
        ("91110000600037341M", "uscc-check-digit", {"position": 18, "expected": "L"}),
        ("91110000600037342L", "uscc-check-digit", {"position": 18, "expected": "P"}),
    ],
)
def test_a_wrong_code_is_refused_with_the_character_that_is_wrong(code, reason, data):
    with pytest.raises(Invalid) as refusal:
        uscc.checked(code)

    assert refusal.value.code == reason
    assert refusal.value.data == data
    assert refusal.value.field == "uscc"
    assert refusal.value.basis == "GB 32100-2015"


def test_the_message_names_the_expected_check_digit():
    with pytest.raises(Invalid) as refusal:
        uscc.checked("91110000600037341M")

    assert "“M”" in str(refusal.value.message)
    assert "“L”" in str(refusal.value.message)


@given(
    position=st.integers(0, 17),
    other=st.sampled_from(uscc.ALPHABET),
)
def test_any_single_mistyped_character_is_found(position, other):
    typed = GOOD[:position] + other + GOOD[position + 1 :]

    if typed == GOOD:
        assert uscc.checked(typed) == GOOD
    else:
        with pytest.raises(Invalid):
            uscc.checked(typed)
