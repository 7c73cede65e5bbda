"""Answers to a possession challenge."""

from __future__ import annotations

import hashlib
import json

import pytest

from tallystick.fingerprint import ChunkAnswer, ManifestError, answer, chunk_root

CONTENT = hashlib.shake_128(b"possession").digest(4 * 65536 + 10)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "held.bin"
    path.write_bytes(CONTENT)
    return path


def test_answers_hold_for_the_file_and_for_no_other(file):
    root = chunk_root(file).hex()

    answers = [
        ChunkAnswer.from_public(json.loads(json.dumps(given.public())))
        for given in answer(file, [4, 0])
    ]

    assert [given.index for given in answers] == [4, 0]
    assert answers[0].chunk == CONTENT[-10:]
    assert all(given.holds(root, 5) for given in answers)
    assert not any(given.holds(hashlib.sha256(b"").hexdigest(), 5) for given in answers)
    assert not ChunkAnswer(1, answers[1].chunk, answers[1].path).holds(root, 5)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"index": -1}, "index"),
        ({"index": True}, "index"),
        ({"index": "0"}, "index"),
        ({"chunk": None}, "chunk"),
        ({"chunk": "%%%%"}, "chunk"),
        ({"chunk": "AAA"}, "chunk"),
        ({"chunk": "é" * 8}, "chunk"),
        ({"chunk": "A" * 90_000}, "chunk"),
        ({"path": "ab"}, "path"),
        ({"path": ["ab"]}, "path"),
        ({"path": [None]}, "path"),
        ({"path": ["0" * 64] * 65}, "path"),
        ({"more": 1}, "$"),
    ],
)
def test_a_misshapen_answer_is_refused(file, change, field):
    value = answer(file, [0])[0].public() | change

    with pytest.raises(ManifestError) as caught:
        ChunkAnswer.from_public(value)

    assert caught.value.field == field


def test_what_is_no_object_is_no_answer():
    with pytest.raises(ManifestError):
        ChunkAnswer.from_public([])


def test_an_index_beyond_the_file_is_an_error(file):
    with pytest.raises(ValueError, match="outside"):
        answer(file, [5])
