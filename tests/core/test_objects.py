"""The object store: a file appears whole or not at all."""

import stat

import pytest

from core import objects
from core.errors import Unavailable
from core.keys import key_path


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.OBJECT_DIR = tmp_path / "objects"
    settings.KEY_DIR = tmp_path / "keys"
    return settings.OBJECT_DIR


def store_bytes(content):
    with objects.storing() as upload:
        upload.write(content)
    return upload.name


def broken_off():
    with objects.storing() as upload:
        upload.write(b"x" * 200_000)
        raise RuntimeError("gone")


def files(folder):
    return [p for p in folder.rglob("*") if p.is_file()]


def test_what_was_stored_is_read_back_in_ranges():
    name = store_bytes(b"abc" * 50_000)

    reader = objects.opened(name)

    assert reader.size == 150_000
    assert b"".join(reader.read(70_000, 70_003)) == (b"abc" * 50_000)[70_000:70_003]


def test_a_write_that_breaks_off_leaves_nothing(store):
    with pytest.raises(RuntimeError, match="gone"):
        broken_off()

    assert files(store) == []


def test_the_master_key_is_made_once_and_is_its_owners_alone():
    store_bytes(b"one")
    made = key_path("objects").read_bytes()

    store_bytes(b"two")

    assert key_path("objects").read_bytes() == made
    assert len(made) == 32
    assert stat.S_IMODE(key_path("objects").stat().st_mode) == 0o600
    assert [p.name for p in key_path("objects").parent.iterdir()] == ["objects.key"]


def test_the_same_content_twice_makes_two_different_files(store):
    store_bytes(b"same")
    store_bytes(b"same")

    first, second = files(store)
    assert first.read_bytes() != second.read_bytes()


def test_a_missing_or_exchanged_object_is_unavailable():
    one, two = store_bytes(b"one"), store_bytes(b"two")
    objects.object_path(one).write_bytes(objects.object_path(two).read_bytes())

    for name in (one, "0" * 32):
        with pytest.raises(Unavailable) as refused:
            objects.opened(name)
        assert refused.value.code == "object-unreadable"


def test_a_damaged_master_key_is_named():
    key_path("objects").parent.mkdir(parents=True)
    key_path("objects").write_bytes(b"short")

    with pytest.raises(Unavailable) as refused:
        store_bytes(b"x")
    assert refused.value.code == "object-key-damaged"


@pytest.mark.parametrize("name", ["", "..", "a" * 31, "A" * 32, "../" + "a" * 29])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match="hex digits"):
        objects.object_path(name)


def test_discarding_is_final_and_harmless_twice(store):
    name = store_bytes(b"x")

    objects.discard(name)
    objects.discard(name)

    assert files(store) == []
