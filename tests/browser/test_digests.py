"""The browser's fingerprint of a file is the command line's, byte for byte."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tallystick import canonical, digests
from tallystick.fingerprint import TableError, fingerprint
from tests.browser.node import run_lines

VECTORS = json.loads(Path("docs/reference/vectors/fingerprint.json").read_text("utf-8"))
DIVISIONS = Path("demo/data/chongqing_divisions_2023.csv")
TABLES = {
    "plain": b"a,b\n1,2\n3,4\n",
    "no line end at the end": b"a,b\n1,2",
    "crlf": b"a,b\r\n1,2\r\n",
    "mixed line ends": b"a,b\r\n1,2\n3,4\r\n",
    "byte order mark": b"\xef\xbb\xbfa,b\n1,2\n",
    "only a byte order mark": b"\xef\xbb\xbf",
    "byte order mark in a cell": b"a,b\n\xef\xbb\xbf1,2\n",
    "quoted": b'a,b\n"1,2","say ""no"""\n"x\r\ny\n",\n',
    "quoted header": b'"a ""b""",c\n1,2\n',
    "quoted empty": b'a\n""\n\n',
    "header only": b"a,b,c",
    "empty": b"",
    "one empty line": b"\n",
    "chinese": "名称,区划\n渝中区,500103\n\U0001f9ee,𠮷\n".encode(),
    "names of 256": ("字" * 256 + "," + "\U00020bb7" * 256 + "\n1,2\n").encode(),
    "trailing comma": b"a,b\n1,",
    "wide": b",".join(b"c%d" % i for i in range(4096)) + b"\n" + b"," * 4095 + b"\n",
    "long cell": b"a\n" + b"x" * 3_000_000 + b"\ny\n",
    "long quoted cell": b'a\n"' + b"x\n" * 1_000_000 + b'"\ny\n',
    "many blocks": b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(30_000)),
    "quotes over blocks": b"a,b\n" + b'"x\n,""",1\n' * 30_000,
}
FAULTS = {
    "two columns named alike": b"a,a\n",
    "empty name": b"a,\n",
    "name of 257": b"x" * 257,
    "4,097 columns": b",".join(b"c%d" % i for i in range(4097)),
    "too few": b"a,b\n1\n",
    "too many": b"a,b\n1,2,3\n",
    "too many quoted": b'a,b\n"1",2,3\n',
    "empty line": b"a,b\n\n",
    "bare cr": b"a,b\n1\r2,3\n",
    "cr at the end": b"a,b\n1,2\r",
    "cr after a quote": b'a,b\n1,"2"\rx\n',
    "cr beside a quote": b'a,b\n1\r,"2"\n',
    "quote inside": b'a,b\n1,x"y"\n',
    "quote left open": b'a,b\n1,"2\n',
    "text after a quote": b'a,b\n"1"x,2\n',
    "nul": b"a,b\n1,\0\n",
    "gb18030": "名称,区划\n渝中区,1\n".encode("gb18030"),
    "latin": b"a\n\xe9\n",
    "surrogate": b"a\n\xed\xa0\x80\n",
    "overlong": b"a\n\xc0\xaf\n",
    "cut off": b"a\n1\n\xe6\xb8",
    "a late fault": b"a,b\n" + b"1,2\n" * 70_000 + b"1\n",
    "a late encoding": b"a,b\n" + b"1,2\n" * 70_000 + b"\xff,1\n",
    "endless record": b"a,b\n" + b'"' + b"x" * (5 << 20),
}


def by_both(tmp_path, files):
    """(name, here, there) for each file: the library's answer and the browser's."""
    asked = []
    for number, (name, kind, content) in enumerate(files):
        path = tmp_path / f"{number}" / name
        path.parent.mkdir()
        path.write_bytes(content)
        asked.append({"path": str(path), "name": name, "kind": kind})
    answers = run_lines("fingerprints.mjs", asked)
    assert len(answers) == len(asked)
    for request, there in zip(asked, answers, strict=True):
        try:
            made = fingerprint(request["path"], kind=request["kind"], workers=1)
        except TableError as error:
            here = {"code": error.code, "line": error.line, "message": str(error)}
        else:
            here = {"text": canonical.dumps(made.public()).decode(), "digest": made.digest()}
            here["tableRefusal"] = made.table_refusal
            refusal = there["tableRefusal"]
            there["tableRefusal"] = refusal and refusal["message"]
        yield here, there


def test_the_published_vectors_hold(tmp_path):
    files = []
    for vector in VECTORS["files"]:
        kind = "csv" if "table" in vector["manifest"] else "binary"
        files.append((vector, kind, vector["content"].encode()))
    for vector in VECTORS["generated_files"]:
        content = bytes(i % 251 for i in range(vector["size"]))
        files.append((vector, "binary", content))

    made = by_both(tmp_path, [("f", kind, content) for _, kind, content in files])

    for (vector, _, _), (_, there) in zip(files, made, strict=True):
        assert there["text"] == canonical.dumps(vector["manifest"]).decode(), vector["name"]
        assert there["digest"] == vector.get("manifest_sha256", there["digest"])


def test_tables_have_the_manifest_of_the_command_line(tmp_path):
    files = [("f.csv", "csv", content) for content in TABLES.values()]

    for name, (here, there) in zip(TABLES, by_both(tmp_path, files), strict=True):
        assert there == here, name


def test_faults_are_the_same_at_the_same_line(tmp_path):
    files = [("f.csv", "csv", content) for content in FAULTS.values()]

    for name, (here, there) in zip(FAULTS, by_both(tmp_path, files), strict=True):
        assert "code" in here, name
        assert there == here, name


@pytest.mark.parametrize("kind", ["auto", "binary"])
def test_a_file_that_is_no_table_is_binary_and_says_why(tmp_path, kind):
    files = [("f.CSV", kind, content) for content in FAULTS.values()]
    files += [("f.txt", kind, b"a\n1\n"), (".csv", kind, b"a\n1\n")]

    for here, there in by_both(tmp_path, files):
        assert "text" in here
        assert there == here


def test_the_asset_of_the_demonstration(tmp_path):
    [(here, there)] = by_both(tmp_path, [("d.csv", "auto", DIVISIONS.read_bytes())])

    assert there == here
    assert json.loads(there["text"])["table"]["rows"] == 11_270


def test_any_bytes_have_one_answer(tmp_path):
    """Texts put together at random from what the dialect is about."""
    dice = random.Random(6962)
    parts = [b"a", b"1", b",", b",", b"\n", b"\n", b"\r\n", b'"', b'"', b'""', "渝".encode(), b"\r"]
    files = []
    for _ in range(600):
        body = b"".join(dice.choice(parts) for _ in range(dice.randrange(24)))
        files.append(("f.csv", "csv", dice.choice([b"", b"a,b\n", b"a\n"]) + body))

    for (_, _, content), (here, there) in zip(files, by_both(tmp_path, files), strict=True):
        assert there == here, content


def test_the_hashes_take_their_input_in_any_pieces():
    dice = random.Random(180)
    lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1023, 1024, 1025, 2048, 2049, 5121, 70_000]
    asked = [(n, sorted(dice.sample(range(n + 1), min(n, 5)))) for n in lengths for _ in range(3)]

    for (length, _), found in zip(asked, run_lines("hashes.mjs", asked), strict=True):
        content = bytes(i % 251 for i in range(length))
        here = [digests.sha256_hex(content), digests.sm3_hex(content), digests.blake3_hex(content)]
        assert list(found.values()) == here
