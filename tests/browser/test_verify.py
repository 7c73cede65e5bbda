"""A bundle has one verdict, link by link, on the command line and in the browser."""

from __future__ import annotations

import copy
import json
import random

import pytest

from tallystick import canonical
from tallystick.proof.trust import TrustError
from tallystick.proof.verify import verify_bundle
from tests.browser.node import run_lines
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import FILES, TRUST, with_json, with_trust

WHOLE = factory.write(FILES)
LOCAL = with_trust(local=True, block_hashes=[])

# No other link speaks of them.
SAID_BY_THE_EXCHANGE_ALONE = ("exchange", "exported_at", "subject")


class Cases:
    """Bundles beside trust files, given to both verifiers in one go."""

    def __init__(self, folder):
        self.folder = folder
        self.names = []
        self.asked = []

    def add(self, name, bundle, trust=TRUST):
        path = self.folder / f"{len(self.asked)}.zip"
        path.write_bytes(bundle if isinstance(bundle, bytes) else factory.write(bundle))
        self.names.append(name)
        self.asked.append({"path": str(path), "trust": trust})

    def compare(self):
        """Assert that both say the same of every case; the reports by name."""
        answers = run_lines("verify.mjs", self.asked)
        assert len(answers) == len(self.asked)
        reports = {}
        for name, asked, there in zip(self.names, self.asked, answers, strict=True):
            try:
                here = verify_bundle(asked["path"], asked["trust"]).to_json()
            except TrustError:
                assert there.get("error") == "TrustError", (name, there)
                continue
            assert "links" in there, (name, there)
            assert statuses(there) == statuses(here), (name, differing(here, there))
            assert there["ok"] == here["ok"]
            assert details(there) == details(here), name
            reports[name] = there
        return reports


def statuses(report):
    return [(link["name"], link["status"]) for link in report["links"]]


def differing(here, there):
    pairs = zip(here["links"], there["links"], strict=True)
    return [(one, other) for one, other in pairs if one["status"] != other["status"]]


def details(report):
    """What was found where a link holds: the same words."""
    return [link["detail"] for link in report["links"] if link["status"] in ("ok", "absent")]


@pytest.fixture
def cases(tmp_path):
    return Cases(tmp_path)


def test_a_true_bundle_holds_at_every_link(cases):
    cases.add("true", WHOLE)
    cases.add("local", WHOLE, LOCAL)
    cases.add("no chain", WHOLE, {**TRUST, "chain": None})

    reports = cases.compare()

    assert reports["true"]["ok"]
    assert {link["status"] for link in reports["true"]["links"]} == {"ok"}
    assert [link["name"] for link in reports["local"]["links"] if link["local"]] == ["block header"]
    assert not any(link["local"] for link in reports["true"]["links"])
    assert not reports["no chain"]["ok"]


def test_one_changed_byte_in_any_file_is_refused_by_both(cases):
    dice = random.Random(9162)
    for path, content in {**FILES, "MANIFEST": b""}.items():
        start = WHOLE.index(path.encode()) + len(path)
        size = len(content) or 100
        for at in (0, size - 1, dice.randrange(size)):
            cases.add(f"{path} {at}", flipped(WHOLE, start + at, dice))

    reports = cases.compare()

    assert len(reports) == 3 * (len(FILES) + 1)
    assert [name for name, report in reports.items() if report["ok"]] == []


def test_one_changed_byte_that_the_exchange_signs_is_judged_alike(cases):
    """The list of files agrees; what the file says is false, or equal as hex of another case."""
    dice = random.Random(8032)
    for path, content in FILES.items():
        for at in (0, dice.randrange(len(content))):
            cases.add(f"{path} {at}", {**FILES, path: flipped(content, at, dice)})

    assert len(cases.compare()) == 2 * len(FILES)


def test_any_byte_of_the_zip_counts(cases):
    dice = random.Random(6962)
    for at in sorted(dice.sample(range(len(WHOLE)), 120)):
        cases.add(f"byte {at}", flipped(WHOLE, at, dice))
    for cut in (0, 1, 29, 30, 1000, len(WHOLE) - 1):
        cases.add(f"cut at {cut}", WHOLE[:cut])
    cases.add("longer", WHOLE + b"\0")

    assert [name for name, report in cases.compare().items() if report["ok"]] == []


def test_files_left_out_or_put_in(cases):
    for path in FILES:
        cases.add(f"without {path}", {name: file for name, file in FILES.items() if name != path})
    cases.add("one more", {**FILES, "notes.txt": b"hello"})

    assert [name for name, report in cases.compare().items() if report["ok"]] == []


def test_another_trust_is_another_verdict(cases):
    other = factory.keys.public_of(factory.SELLER)
    vkey = factory.note.vkey_of
    for name, changes in {
        "origin": {"origin": "other.example/log"},
        "log key": {"log_vkey": vkey(factory.ORIGIN, other)},
        "exchange key": {"exchange_vkey": vkey(factory.EXCHANGE_NAME, other)},
        "did": {"exchange_did": factory.keys.did_of(other)},
        "web did": {"exchange_did": "did:web:exchange.example"},
        "chain": {"id": 1},
        "genesis": {"genesis": "00" * 32},
        "contract": {"contract": "00" * 20},
        "code": {"code_hash": "0x" + "AB" * 32},
        "anchorer": {"anchorer": "00" * 20},
        "block": {"block_hashes": ["00" * 32]},
        "malformed key": {"log_vkey": "a+b+c"},
        "short hash": {"genesis": "00"},
        "no text": {"origin": ""},
        "word for number": {"id": "1"},
    }.items():
        cases.add(name, WHOLE, with_trust(**changes))
    for name in TRUST:
        cases.add(f"no {name}", WHOLE, {k: v for k, v in TRUST.items() if k != name})
    cases.add("no object", WHOLE, [])

    reports = cases.compare()

    assert [name for name, report in reports.items() if report["ok"]] == []
    assert not {"malformed key", "short hash", "no text", "word for number"} & reports.keys()


BLOCKS = {
    "sender": {"key": factory.Account.from_key(b"\x07" * 32)},
    "recipient": {"to": bytes(20)},
    "chain": {"chain_id": 1},
    "emitter": {"emitter": bytes(20)},
    "root": {"said": (14, bytes(32))},
    "size": {"said": (15, bytes(32))},
    "reverted": {"status": 0},
}


def test_blocks_that_say_something_else(cases):
    for name, change in BLOCKS.items():
        cases.add(name, factory.make_story().write(**change), LOCAL)
    for anchored in (10, 17, 21):
        story = factory.make_story()
        story.anchored = anchored
        cases.add(f"anchored {anchored}", story.write(), factory.make_trust(local=True))

    reports = cases.compare()

    assert [name for name, report in reports.items() if report["ok"]] == [
        "anchored 17",
        "anchored 21",
    ]


def test_each_value_of_each_paper_counts(cases):
    """A text, number, list or object of a JSON file is bent, and the list signed anew."""
    dice = random.Random(8785)
    papers = {path: json.loads(file) for path, file in FILES.items() if path.endswith(".json")}
    for path, paper in papers.items():
        found = list(bends(paper))
        for where, bend in found if path == "bundle.json" else dice.sample(found, 4):
            value = copy.deepcopy(paper)
            bend(value)
            cases.add(f"{path} {where}", {**FILES, path: canonical.dumps(value)})

    reports = cases.compare()

    assert len(reports) > 100
    assert [name for name, report in reports.items() if report["ok"]] == [
        f"bundle.json ('{name}',) other" for name in SAID_BY_THE_EXCHANGE_ALONE
    ]


def bends(value, steps=()):
    """(place, change) for every value inside: another value, and its absence."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        here = (*steps, key)
        yield f"{here} other", setter(here, other(inner))
        yield f"{here} gone", remover(here)
        if isinstance(inner, dict | list):
            yield from bends(inner, here)


def other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("0" if value[-1:] != "0" else "1")
    return [] if isinstance(value, list) else "text"


def setter(steps, value):
    def change(root):
        for step in steps[:-1]:
            root = root[step]
        root[steps[-1]] = copy.deepcopy(value)

    return change


def remover(steps):
    def change(root):
        for step in steps[:-1]:
            root = root[step]
        del root[steps[-1]]

    return change


@pytest.mark.parametrize(
    "text",
    [
        b'{"v":1,"v":1}',
        b'{"v":1.0}',
        b'{"v":1e0}',
        b'{"v":-0}',
        b'{"v":9007199254740992}',
        b'{"v":NaN}',
        b'{"v": 1}',
        b'{"\xc3\xa9":1}',
        b'{"v":"\\ud800"}',
        b'{"v":"\\u0041"}',
        b'{"v":"\t"}',
        b"\xef\xbb\xbf{}",
        b"\xff",
        b"",
        b"[" * 65 + b"]" * 65,
        b"{} {}",
        b'{"__proto__":{"v":1}}',
    ],
)
def test_what_is_no_canonical_json_fails_alike(cases, text):
    cases.add("index", {**FILES, "bundle.json": text})
    cases.add("proof", {**FILES, "proofs/3.json": text})
    cases.add(
        "event", with_json("bundle.json", lambda v: v.update(subject="x")) | {"events/3.json": text}
    )

    assert [name for name, report in cases.compare().items() if report["ok"]] == []


def flipped(data, at, dice):
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
