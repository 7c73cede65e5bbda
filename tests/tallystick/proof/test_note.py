"""Signed notes, vkeys and checkpoints against the vectors of golang.org/x/mod and C2SP."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tallystick import keys
from tallystick.proof import note
from tests.tallystick.proof.factory import signing_key

# golang.org/x/mod sumdb/note/note_test.go.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTG"
    "wnWLox33WWd1RvMc+QQ=\n"
)
VECTOR = json.loads(Path("docs/reference/vectors/checkpoint.json").read_text("utf-8"))


def refused(text, vkeys=(PETER,)):
    with pytest.raises(note.NoteError) as caught:
        note.verify_note(text, vkeys)
    return str(caught.value)


def test_the_published_note_is_signed_alike():
    key = Ed25519PrivateKey.from_private_bytes(PETER_SEED)

    assert note.vkey_of("PeterNeumann", keys.public_of(key)) == PETER
    assert note.sign_note(TEXT, "PeterNeumann", key) == TEXT + "\n" + PETER_LINE


def test_unknown_keys_are_ignored():
    both = TEXT + "\n" + PETER_LINE + ENOCH_LINE

    assert note.verify_note(both, [PETER]) == note.Note(TEXT, (PETER,))
    assert note.verify_note(both, [PETER, ENOCH]) == note.Note(TEXT, (PETER, ENOCH))
    assert note.verify_note(both.encode(), [ENOCH]) == note.Note(TEXT, (ENOCH,))
    assert refused(both, ()) == "no trusted key signed the note"


def test_a_bad_signature_of_a_known_key_rejects_the_note():
    bad = PETER_LINE.replace("x08go/ZJ", "x08go/ZK")

    assert refused(TEXT + "\n" + ENOCH_LINE + bad, (PETER, ENOCH)).endswith("is bad")
    assert refused(TEXT + "\n" + PETER_LINE + bad).endswith("is bad")
    assert refused(TEXT.replace("you", "we") + "\n" + PETER_LINE).endswith("is bad")


def test_the_same_name_with_another_id_is_an_unknown_key():
    other = note.vkey_of("PeterNeumann", keys.public_of(signing_key("another")))

    assert refused(TEXT + "\n" + PETER_LINE, (other,)) == "no trusted key signed the note"


def test_at_least_sixteen_signatures_are_accepted_and_a_hundred_is_the_limit():
    assert note.verify_note(TEXT + "\n" + ENOCH_LINE * 15 + PETER_LINE, [PETER]).text == TEXT
    assert note.verify_note(TEXT + "\n" + PETER_LINE * 100, [PETER]).signed_by == (PETER,)
    assert refused(TEXT + "\n" + PETER_LINE * 101) == "the note has too many signatures"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + PETER_LINE[:-1],
        "\x01" + TEXT + "\n" + PETER_LINE,
        TEXT + "\n" + PETER_LINE + "Unexpected line.\n",
        TEXT + PETER_LINE,
        TEXT + "\r\n\r\n" + PETER_LINE,
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad+Name"),
        TEXT + "\n" + PETER_LINE.replace("— ", "- "),
        TEXT + "\n" + PETER_LINE.replace("AM=", "AM"),
        TEXT + "\n" + PETER_LINE.replace("AM=", "AN="),
        TEXT + "\n— PeterNeumann x08g\n",
        TEXT + "\n" + PETER_LINE + "\n",
        "\n" + PETER_LINE,
    ],
)
def test_malformed_notes_are_refused(bad):
    refused(bad)


def test_notes_that_are_not_utf8_or_too_long_are_refused():
    assert refused(b"\xff" + (TEXT + "\n" + PETER_LINE).encode()) == "the note is not UTF-8"
    assert refused(b"x" * (note.MAX_NOTE_BYTES + 1)) == "the note is too long"


@pytest.mark.parametrize("at", range(len(PETER)))
def test_a_bent_vkey_is_refused(at):
    bent = PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :]

    with pytest.raises(note.NoteError):
        note.parse_vkey(bent)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        PETER[1:],
        PETER[:-1],
        "PeterNeumann+c74f20a3",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_vkey_of_another_length_or_algorithm_is_refused(vkey):
    with pytest.raises(note.NoteError):
        note.parse_vkey(vkey)


def test_text_and_names_that_cannot_be_signed():
    key = signing_key("log")
    for text, name in [
        ("no newline", "a"),
        ("tab\t\n", "a"),
        ("text\n", ""),
        ("text\n", "a b"),
        ("text\n", "a+b"),
        ("text\n", "a\N{IDEOGRAPHIC SPACE}b"),
    ]:
        with pytest.raises(note.NoteError):
            note.sign_note(text, name, key)


def test_the_documented_checkpoint():
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTOR["private_key"]))
    root = bytes.fromhex(VECTOR["root"])

    signed = note.sign_checkpoint(VECTOR["origin"], VECTOR["size"], root, key)

    assert signed == VECTOR["note"]
    assert note.vkey_of(VECTOR["origin"], keys.public_of(key)) == VECTOR["vkey"]
    checkpoint = note.verify_checkpoint(signed, VECTOR["origin"], [VECTOR["vkey"]])
    assert checkpoint == note.Checkpoint(VECTOR["origin"], VECTOR["size"], root)


def test_a_checkpoint_of_another_log_is_refused():
    key = signing_key("log")
    signed = note.sign_checkpoint("a.example", 1, bytes(32), key)

    with pytest.raises(note.NoteError, match=r"not of 'b\.example'"):
        note.verify_checkpoint(
            signed, "b.example", [note.vkey_of("a.example", keys.public_of(key))]
        )


def test_extension_lines_are_read_and_not_written():
    text = note.format_checkpoint("a.example", 3, bytes(32)) + "more\n"

    assert note.parse_checkpoint(text).extensions == ("more",)


ROOT_LINE = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n01\n{ROOT_LINE}\n",
        f"a\n-1\n{ROOT_LINE}\n",
        f"a\n1\n{ROOT_LINE}",
        f"\n1\n{ROOT_LINE}\n",
        f"a\n1\n{ROOT_LINE[4:]}\n",
        f"a\n+1\n{ROOT_LINE}\n",
        f"a\n1\n{ROOT_LINE}\n\n",
        f"a\n{'9' * 20}\n{ROOT_LINE}\n",
        f"a\n１\n{ROOT_LINE}\n",
    ],
)
def test_malformed_checkpoints_are_refused(text):
    with pytest.raises(note.NoteError):
        note.parse_checkpoint(text)


def test_values_that_no_checkpoint_holds_are_not_written():
    for origin, size, root in [
        ("a\nb", 1, bytes(32)),
        ("a", -1, bytes(32)),
        ("a", 1, b""),
        ("", 1, bytes(32)),
    ]:
        with pytest.raises(note.NoteError):
            note.format_checkpoint(origin, size, root)
