"""One pass over a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tallystick import digests
from tallystick.fingerprint import FileChanged, TableError, engine, fingerprint

VECTORS = json.loads(Path("docs/reference/vectors/fingerprint.json").read_text("utf-8"))
DIVISIONS = Path("demo/data/chongqing_divisions_2023.csv")
PEAK_OF = """
import sys
from tallystick.fingerprint import fingerprint
manifest = fingerprint(sys.argv[1])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")).split()[1]
print(manifest.size, manifest.table is not None, peak)
"""


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("file", VECTORS["files"], ids=lambda file: file["name"])
def test_published_files(tmp_path, file, workers):
    path = tmp_path / "content.CSV"
    path.write_bytes(file["content"].encode())
    kind = "auto" if "table" in file["manifest"] else "binary"

    assert fingerprint(path, kind=kind, workers=workers).public() == file["manifest"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("file", VECTORS["generated_files"], ids=lambda file: file["name"])
def test_files_at_the_edges_of_chunks(tmp_path, file, workers):
    path = tmp_path / "content.bin"
    path.write_bytes(bytes(i % 251 for i in range(file["size"])))

    assert fingerprint(path, workers=workers).public() == file["manifest"]


def test_a_file_longer_than_the_ring_of_buffers(tmp_path):
    path = tmp_path / "content.bin"
    path.write_bytes(os.urandom(engine._BLOCK_BYTES * (2 * engine._RING_SLOTS + 1) + 5))
    seen: list[int] = []

    threaded = fingerprint(path, workers=4, progress=seen.append)

    assert threaded == fingerprint(path, workers=1)
    assert seen[-1] == threaded.size == path.stat().st_size
    assert seen == sorted(seen)


def test_the_divisions_of_chongqing():
    manifest = fingerprint(DIVISIONS)

    assert manifest.size == 1_143_157
    assert manifest.chunk_count == 18
    assert manifest.sha256 == "200c3db32d81cd89eafc33e077247aa5672689bc475b5d82bde5c2a3328fe332"
    assert manifest.sm3 == "752025b0ddac5329659b23d38f58ae4b98340458fdd6856058c9cde89e09756d"
    assert manifest.blake3 == "784022fe2df950dc84dba3b01bf8d98000abdaa1b4b50e814a72a0dc1244668b"
    assert manifest.chunk_root == "a49c966b9f95667580d303d61f2b143fe363b25cf886a4fff6a81bd3dceca00b"
    assert manifest.table is not None
    assert manifest.table.rows == 11_270
    assert [column.name for column in manifest.table.columns][:3] == ["code", "name", "level"]


def test_a_csv_file_that_is_no_table_is_binary_and_says_why(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes(b"a,b\n1\n")

    manifest = fingerprint(path)

    assert manifest.table is None
    assert manifest.table_refusal == "line 2: 2 cells expected, 1 found"
    assert "table" not in manifest.public()
    assert manifest == fingerprint(path, kind="binary")
    with pytest.raises(TableError):
        fingerprint(path, kind="csv")


def test_a_fault_on_the_last_line_is_found_too(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes(b'a,b\n1,"2\n')

    assert fingerprint(path).table_refusal is not None
    with pytest.raises(TableError):
        fingerprint(path, kind="csv")


def test_another_name_is_binary_unless_a_table_is_asked_for(tmp_path):
    path = tmp_path / "table.txt"
    path.write_bytes(b"a\n1\n")

    assert fingerprint(path).table is None
    table = fingerprint(path, kind="csv").table
    assert table is not None
    assert table.rows == 1


@pytest.mark.parametrize("size", [100, engine._BLOCK_BYTES, engine._BLOCK_BYTES + 1])
def test_a_file_that_grows_meanwhile_has_no_fingerprint(tmp_path, size):
    path = tmp_path / "log.bin"
    path.write_bytes(b"x" * size)

    def append(_: int) -> None:
        with path.open("ab") as file:
            file.write(b"y" * engine._BLOCK_BYTES)

    with pytest.raises(FileChanged):
        fingerprint(path, progress=append)


def test_a_file_rewritten_meanwhile_has_no_fingerprint(tmp_path):
    path = tmp_path / "same-size.bin"
    path.write_bytes(b"x" * 100)

    def rewrite(_: int) -> None:
        path.write_bytes(b"y" * 100)
        os.utime(path, ns=(1, 1))

    with pytest.raises(FileChanged):
        fingerprint(path, progress=rewrite)


def test_a_pipe_is_read_as_it_comes(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = os.urandom(3_000_001)
    writer = threading.Thread(target=path.write_bytes, args=(data,))
    writer.start()

    manifest = fingerprint(path)

    writer.join()
    assert manifest.size == len(data)
    assert manifest.sha256 == digests.sha256_hex(data)


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "absent")
    with pytest.raises(IsADirectoryError):
        fingerprint(tmp_path)


@pytest.mark.parametrize("workers", [2, 4])
def test_a_failing_digest_ends_the_pass_and_its_threads(tmp_path, monkeypatch, workers):
    class Broken:
        def update(self, block: memoryview) -> None:
            raise RuntimeError("broken")

    path = tmp_path / "content.bin"
    path.write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr(engine, "ChunkSink", Broken)
    before = threading.active_count()

    with pytest.raises(RuntimeError, match="broken"):
        fingerprint(path, workers=workers)

    assert threading.active_count() == before


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", ["content.bin", "table.csv"])
def test_memory_stays_below_100_mb(tmp_path, name):
    path = tmp_path / name
    with path.open("wb") as file:
        if name.endswith(".csv"):
            file.write(b"a,b\n")
            row = ("渝" * 100_000).encode() + b',"x"\n'
            for _ in range(200):
                file.write(row)
        else:
            file.truncate(300 * 2**20)

    done = subprocess.run(
        [sys.executable, "-c", PEAK_OF, str(path)], capture_output=True, text=True, check=True
    )

    size, is_table, peak_kib = done.stdout.split()
    assert int(size) == path.stat().st_size
    assert is_table == str(name.endswith(".csv"))
    assert int(peak_kib) < 100_000_000 / 1024
