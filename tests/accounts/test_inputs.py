import pytest

from accounts import inputs
from core.errors import Invalid
from tallystick import keys
from tests.factories.accounts import make_private_key


@pytest.mark.parametrize(
    ("check", "good", "kept"),
    [
        (lambda text: inputs.line(text, 5, "name"), "  示例企业 ", "示例企业"),
        (inputs.email, " A@Example.CN ", "a@example.cn"),
        (inputs.region, "500103", "500103"),
        (lambda text: inputs.sha256(text, "digest"), "ab" * 32, "ab" * 32),
        (inputs.signature, "0f" * 64, b"\x0f" * 64),
    ],
)
def test_good_input_is_kept(check, good, kept):
    assert check(good) == kept


@pytest.mark.parametrize(
    ("check", "bad", "code"),
    [
        (lambda text: inputs.line(text, 5, "name"), "", "bad-text"),
        (lambda text: inputs.line(text, 5, "name"), "六个字的名字", "bad-text"),
        (lambda text: inputs.line(text, 5, "name"), "a\nb", "bad-text"),
        (lambda text: inputs.line(text, 5, "name"), "a\x00", "bad-text"),
        (lambda text: inputs.line(text, 5, "name"), "a\ud800", "bad-text"),
        (inputs.email, "not an address", "bad-email"),
        (inputs.email, "a@" + "b" * 250 + ".cn", "bad-email"),
        (inputs.region, "50010", "bad-region"),
        (inputs.region, "050103", "bad-region"),
        (inputs.region, "５00103", "bad-region"),
        (lambda text: inputs.sha256(text, "digest"), "AB" * 32, "bad-digest"),
        (lambda text: inputs.sha256(text, "digest"), "ab" * 32 + "\n", "bad-digest"),
        (inputs.signature, "0f" * 63, "bad-signature"),
        (inputs.public_key, "zz", "bad-public-key"),
        (inputs.public_key, "0" * 65, "bad-public-key"),
    ],
)
def test_bad_input_is_refused(check, bad, code):
    with pytest.raises(Invalid) as refusal:
        check(bad)

    assert refusal.value.code == code
    assert refusal.value.field


def test_a_public_key_is_read_in_every_form():
    private, public = make_private_key()
    raw = keys.public_of(private)

    assert inputs.public_key(public) == raw
    assert inputs.public_key(keys.did_of(raw)) == raw


@pytest.mark.parametrize(
    "text",
    [
        "00" * 32,
        "01" + "00" * 30 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "ee" + "ff" * 30 + "7f",
    ],
)
def test_a_key_for_which_anybody_can_sign_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        inputs.public_key(text)

    assert refusal.value.code == "weak-public-key"
