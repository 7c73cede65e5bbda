"""Spool segments: what was written is read back, torn tails are told apart, locks hold."""

import contextlib
import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from delivery import spool
from delivery.spool import COMPLETION, INTENT, LENGTH, Drained, Full, Segment, pack


def record(number=1, kind=INTENT, **changes):
    values = {
        "kind": kind,
        "decision": number.to_bytes(16),
        "units": 1,
        "sent": 0,
        "begun_us": number,
        "time_us": number,
        "lease": b"lea_1",
        "contract": b"ctr_1",
        "credential": b"key_1",
        "meter": b"rows.call",
        "reason": b"",
    }
    return spool.Record(**(values | changes))


def read(path):
    segment = Drained(path)
    try:
        return list(spool.unpack(segment.read(0, 1 << 30)))
    finally:
        segment.close()


@pytest.fixture
def segment(tmp_path):
    made = Segment(tmp_path, capacity=16)
    yield made
    made.close()


def test_a_record_comes_back_as_it_was():
    packed = pack(record(7, COMPLETION, units=2**62, sent=12, reason=b"x" * 48))

    (found,) = spool.unpack(packed)

    assert len(packed) == LENGTH
    assert found == record(
        7,
        COMPLETION,
        units=2**62,
        sent=12,
        lease=b"lea_1".ljust(30, b"\0"),
        contract=b"ctr_1".ljust(30, b"\0"),
        credential=b"key_1".ljust(30, b"\0"),
        meter=b"rows.call".ljust(40, b"\0"),
        reason=b"x" * 48,
    )
    assert spool.text(found.meter) == "rows.call"


@pytest.mark.parametrize("place", [0, 2, 4, 8, 100, LENGTH - 1])
def test_a_changed_byte_is_noticed_and_the_next_record_still_read(place):
    data = bytearray(pack(record(1)) + pack(record(2)))
    data[place] ^= 1

    first, second = spool.unpack(data)

    assert first is None
    assert second.begun_us == 2


def test_what_is_appended_is_in_the_file_at_once(segment):
    segment.append(pack(record(1)))
    segment.append(pack(record(2)))

    found = read(segment.path)

    assert [r.begun_us for r in found[:2]] == [1, 2]
    assert found[2:] == [None] * 14


def test_a_full_segment_says_so(segment):
    for number in range(16):
        segment.append(pack(record(number)))

    with pytest.raises(Full):
        segment.append(pack(record(17)))


def test_a_living_segment_is_locked_and_a_closed_one_is_cut_and_free(tmp_path):
    segment = Segment(tmp_path, capacity=16)
    segment.append(pack(record(1)))
    living = Drained(segment.path)
    assert not living.dead
    living.close()

    segment.close()

    closed = Drained(segment.path)
    assert (closed.dead, closed.size) == (True, LENGTH)
    closed.close()


def test_a_killed_writer_leaves_its_records_and_its_lock(tmp_path):
    code = (
        "import sys, os, time, pathlib; from delivery import spool;"
        "s = spool.Segment(pathlib.Path(sys.argv[1]), 8);"
        "s.append(spool.pack((1, bytes(16), 1, 0, 5, 5, b'', b'', b'', b'', b'')));"
        "print(s.name, flush=True); time.sleep(60)"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with writer:
        name = writer.stdout.readline().strip()
        writer.kill()
    (path,) = spool.segments(tmp_path)

    left = Drained(path)

    assert (path.name, left.dead) == (name, True)
    assert next(spool.unpack(left.read(0, LENGTH))).begun_us == 5
    left.close()


def test_a_spool_has_one_id_and_knows_its_own_segments(tmp_path, segment):
    (tmp_path / "0123456789abcdef-000000000000000000000000.seg").write_bytes(b"")

    assert spool.spool_id(tmp_path) == spool.spool_id(tmp_path)
    assert len(spool.spool_id(tmp_path)) == 16
    assert spool.segments(tmp_path) == [segment.path]
    assert spool.segments(tmp_path / "none") == []


def test_drafts_of_dead_writers_are_found_by_age(tmp_path):
    draft = tmp_path / "x.new"
    draft.write_bytes(b"")
    os.utime(draft, (time.time() - 100,) * 2)

    assert spool.stale_drafts(tmp_path, time.time() - 60) == [draft]
    assert spool.stale_drafts(tmp_path, time.time() - 200) == []


def test_a_segment_that_cannot_be_made_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_descriptor, _size):
        raise OSError(errno.ENOSPC, "No space left on device")

    spool.spool_id(tmp_path)
    monkeypatch.setattr(spool, "fill", full)

    for _attempt in range(3):
        with pytest.raises(OSError, match="No space"):
            spool.Segment(tmp_path, 16)

    assert [path.name for path in tmp_path.iterdir()] == ["id"]
    assert [name for name in open_files() if name.startswith(str(tmp_path))] == []


def open_files() -> list[str]:
    """What this process's descriptors lead to; a file that is gone keeps its old path."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the descriptor of the listing itself
            found.append(str(descriptor.readlink()))
    return found
