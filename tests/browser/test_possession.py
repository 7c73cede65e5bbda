"""The browser's answer to a possession challenge is the command line's, and holds."""

from __future__ import annotations

import pytest

from tallystick.fingerprint import answer, chunk_count, chunk_root
from tallystick.fingerprint.possession import ChunkAnswer
from tests.browser.node import run_lines

CHUNK = 65_536
SIZES = [1, CHUNK, CHUNK + 1, 3 * CHUNK, 5 * CHUNK + 17, 40 * CHUNK, 97 * CHUNK + 1]


@pytest.fixture
def files(tmp_path):
    made = []
    for size in SIZES:
        path = tmp_path / str(size)
        path.write_bytes(bytes(i * i % 253 for i in range(997)) * (size // 997 + 1))
        with path.open("r+b") as file:
            file.truncate(size)
        made.append(path)
    return made


@pytest.mark.parametrize("native", [True, False])
def test_the_answer_is_the_command_lines_and_holds(files, native):
    asked = []
    for path in files:
        last = chunk_count(path.stat().st_size) - 1
        indexes = sorted({0, last // 2, last})
        asked.append({"path": str(path), "indexes": indexes, "native": native})

    answers = run_lines("chunks.mjs", asked)

    assert len(answers) == len(asked)
    for path, request, there in zip(files, asked, answers, strict=True):
        here = [one.public() for one in answer(path, request["indexes"], workers=1)]
        assert there["answers"] == here
        assert there["root"] == chunk_root(path, workers=1).hex()
        count = chunk_count(path.stat().st_size)
        assert all(
            ChunkAnswer.from_public(one).holds(there["root"], count) for one in there["answers"]
        )


@pytest.mark.parametrize("indexes", [[1], [-1], [0, 7], [0.5], ["0"]])
def test_a_chunk_that_is_not_there_is_refused(tmp_path, indexes):
    path = tmp_path / "small"
    path.write_bytes(b"x")

    [there] = run_lines("chunks.mjs", [{"path": str(path), "indexes": indexes, "native": True}])

    assert there["error"] == "RangeError"
