"""Figures of the fingerprint engine."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench import Figure, Measurement, Unavailable, alternate
from tallystick.fingerprint import chunk_root, fingerprint
from tallystick.fingerprint.table import TableSink

_GIB = 2**30
_MIB = 2**20
_ROWS = 200_000
_MOST_MEMORY_MIB = 100
_DISTRICTS = ("万州区", "涪陵区", "渝中区", "大渡口区", "江北区", "沙坪坝区", "九龙坡区")
_PEAK_OF = """
import sys
from tallystick.fingerprint import fingerprint
fingerprint(sys.argv[1])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")).split()[1])
"""


@contextmanager
def _binary_file(size: int) -> Iterator[Path]:
    """A file of random bytes, read once so that it stands in the page cache."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "content.bin")
        piece = random.Random(1).randbytes(16 * _MIB)
        with path.open("wb") as file:
            for _ in range(0, size, len(piece)):
                file.write(piece)
        yield path


def _file_digest(path: Path, algorithm: str) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _peak_memory_mib(path: Path) -> float:
    if not Path("/proc/self/status").exists():
        raise Unavailable("/proc/self/status, to read the peak memory of a process")
    command = [sys.executable, "-c", _PEAK_OF, str(path)]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return int(done.stdout) / 1024


def run_all() -> Measurement:
    """All content digests of 1 GiB beside SM3 alone."""
    if "sm3" not in hashlib.algorithms_available:
        raise Unavailable("SM3 in hashlib's OpenSSL")
    with _binary_file(_GIB) as path:
        assert fingerprint(path).sm3 == _file_digest(path, "sm3")
        seconds, limit = alternate(
            lambda: fingerprint(path), lambda: _file_digest(path, "sm3"), rounds=3
        )
        memory = _peak_memory_mib(path)
    return Measurement(
        value=_GIB / seconds / 1e9,
        unit="GB/s",
        limit=_GIB / limit / 1e9,
        limit_name="SM3 alone, hashlib.file_digest of the same file",
        met=limit / seconds >= 0.9 and memory < _MOST_MEMORY_MIB,
        more={"memory_mib": round(memory, 1), "cores": os.cpu_count()},
    )


def run_tree() -> Measurement:
    """The chunk tree on every core beside plain SHA-256 on one."""
    with _binary_file(_GIB) as path:
        assert chunk_root(path).hex() == fingerprint(path).chunk_root
        seconds, limit = alternate(lambda: chunk_root(path), lambda: _file_digest(path, "sha256"))
    return Measurement(
        value=_GIB / seconds / 1e9,
        unit="GB/s",
        limit=_GIB / limit / 1e9,
        limit_name="SHA-256 on one core, hashlib.file_digest of the same file",
        met=limit / seconds >= 1.7,
        more={"cores": os.cpu_count()},
    )


def run_table() -> Measurement:
    """A table of 200,000 rows and 9 columns, row digest and schema, beside csv.reader."""
    if find_spec("numpy") is None:
        raise Unavailable("numpy")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        _write_table(path)
        assert _digest_table(path) == _ROWS
        assert _read_table(path) == _ROWS + 1
        seconds, limit = alternate(lambda: _digest_table(path), lambda: _read_table(path))
    return Measurement(
        value=_ROWS / seconds,
        unit="rows/s",
        limit=_ROWS / limit,
        limit_name="csv.reader over the same file",
        met=limit / seconds >= 0.25,
    )


def _write_table(path: Path) -> None:
    """Rows like those of the divisions of a city: codes, names, 9 columns, 100 bytes."""
    source = random.Random(2)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = ["code", "name", "level", "street_code", "street"]
        writer.writerow([*names, "district_code", "district", "city_code", "city"])
        for number in range(_ROWS):
            code = f"5001{number:08d}"
            district = source.choice(_DISTRICTS)
            name = f"第{source.randrange(10**4)}社区居民委员会"
            street = f"{district[:2]}街道"
            row = [code, name, "village", code[:9], street, code[:6], district, "5001", "市辖区"]
            writer.writerow(row)


def _digest_table(path: Path) -> int:
    sink = TableSink(vectorised=True)
    with path.open("rb") as file:
        while block := file.read(_MIB):
            sink.update(block)
    return sink.table().rows


def _read_table(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file, strict=True))


FIGURES = [
    Figure("fingerprint.all", ">= 0.9 of the slowest single digest, memory < 100 MB", run_all),
    Figure("fingerprint.tree", ">= 1.7 x one hashlib core", run_tree),
    Figure("fingerprint.table", ">= 0.25 of csv.reader alone, one process, numpy", run_table),
]
