"""No content of any file makes the verifier stumble."""

from __future__ import annotations

import json

import pytest

from tallystick.proof.report import FAILED
from tests.tallystick.proof.checking import FILES, broken, with_json


@pytest.mark.parametrize(
    "change",
    [
        lambda i: i.update(events=[]),
        lambda i: i.update(events=[6, 3]),
        lambda i: i.update(events=["3"]),
        lambda i: i.update(events=[True]),
        lambda i: i.update(v=2),
        lambda i: i.update(contents=[]),
        lambda i: i.pop("subject"),
        lambda i: i["contents"].update(anchor=1),
        lambda i: i["contents"].update(certificates=[1]),
        lambda i: i["contents"].update(contracts=[{}]),
        lambda i: i["contents"]["contracts"][0].update(signatures=[1]),
        lambda i: i["contents"]["contracts"][0].update(event=-1),
        lambda i: i.update(more=1),
    ],
)
def test_a_malformed_index_is_refused_without_an_exception(check, change):
    assert "manifest" in broken(check(with_json("bundle.json", change)))


def mutations(value):
    """The value with each part of it replaced by something of another type."""
    yield from (None, True, -1, 2**60, "x", [], {}, [[]], {"v": 1})
    if isinstance(value, dict):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
            yield from ({**value, key: other} for other in mutations(value[key]))
    if isinstance(value, list) and value:
        yield from ([other, *value[1:]] for other in mutations(value[0]))


@pytest.mark.parametrize("path", sorted(path for path in FILES if path.endswith(".json")))
def test_no_shape_of_json_makes_the_verifier_stumble(check, path):
    for number, value in enumerate(mutations(json.loads(FILES[path]))):
        if number % 7 == len(path) % 7:
            content = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            check({**FILES, path: content.encode()})


@pytest.mark.parametrize("path", sorted(path for path in FILES if not path.endswith(".json")))
def test_no_bytes_make_the_verifier_stumble(check, path):
    for content in (
        b"",
        b"\xff",
        b"\xc0",
        b"\x02\xc0",
        b"\n\n",
        FILES[path][:-1],
        FILES[path] * 2,
        bytes(99),
    ):
        assert broken(check({**FILES, path: content}))


def test_json_in_another_form_is_refused(check):
    spaced = json.dumps(json.loads(FILES["events/6.json"])).encode()

    found = check({**FILES, "events/6.json": spaced})

    assert found["disclosures"] == (FAILED, "events/6.json is not canonical JSON")
