"""The one form of a bundle, its manifest, and the tricks that a ZIP allows."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from tallystick import keys
from tallystick.proof import bundle, note
from tests.tallystick.proof import factory

FILES = {"bundle.json": b"{}", "events/1.json": b"one", "events/10.json": b"ten", "empty": b""}
VKEY = note.vkey_of(factory.EXCHANGE_NAME, keys.public_of(factory.EXCHANGE))
DATA = factory.write(FILES)


def foreign(entries, compression=zipfile.ZIP_STORED, comment=b""):
    """A ZIP as the zipfile module writes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        archive.comment = comment
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return made.getvalue()


def members(data):
    return list(bundle.read_bundle(data).items())


def refused(data):
    with pytest.raises(bundle.BundleError) as caught:
        bundle.read_bundle(data)
    return str(caught.value)


def test_what_is_written_is_read_and_always_the_same():
    assert bundle.read_bundle(DATA).keys() == {"MANIFEST", *FILES}
    assert factory.write(dict(reversed(FILES.items()))) == DATA
    assert bundle.check_manifest(bundle.read_bundle(DATA), [VKEY]) == VKEY


def test_other_tools_read_it_too(tmp_path):
    with zipfile.ZipFile(io.BytesIO(DATA)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "MANIFEST",
            "bundle.json",
            "empty",
            "events/1.json",
            "events/10.json",
        ]
        assert archive.read("events/10.json") == b"ten"
        assert archive.getinfo("empty").date_time == (1980, 1, 1, 0, 0, 0)


def test_the_manifest_is_a_note_that_lists_every_other_file():
    text = note.verify_note(bundle.read_bundle(DATA)["MANIFEST"], [VKEY]).text

    digest = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    assert text.splitlines()[0] == "tallystick/bundle/v1"
    assert f"{digest} 3 events/1.json" in text.splitlines()
    assert len(text.splitlines()) == 1 + len(FILES)


@pytest.mark.parametrize(
    "path",
    [
        "../up",
        "/absolute",
        "a/../b",
        "a//b",
        "a/",
        ".hidden",
        "a/.b",
        "a\\b",
        "ключ",
        "a b",
        "a\nb",
        "C:x",
        "a/b/c/d/e",
        "x" * 121,
        "",
    ],
)
def test_paths_that_could_leave_the_folder_are_neither_written_nor_read(path):
    with pytest.raises(bundle.BundleError):
        factory.write({path: b"x"})
    if path:
        refused(foreign([*members(DATA), (path, b"x")]))


def test_the_largest_number_of_files_is_read_and_its_manifest_verified():
    """Each path has full length, so that the manifest is as long as one can be."""
    files = {f"{n:05}-{'x' * 114}": b"" for n in range(bundle.MAX_FILES - 1)}

    data = factory.write(files)

    assert bundle.check_manifest(bundle.read_bundle(data), [VKEY]) == VKEY
    with pytest.raises(bundle.BundleError, match="too much"):
        factory.write({**files, "one-more": b""})


def test_what_cannot_be_read_is_not_written(monkeypatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", len(DATA) - 1)

    with pytest.raises(bundle.BundleError, match="too much"):
        factory.write(FILES)
    monkeypatch.setattr(bundle, "MAX_BYTES", len(DATA))
    assert factory.write(FILES) == DATA


def test_a_file_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 1000)

    with pytest.raises(bundle.BundleError, match="too large"):
        bundle.load_bundle("/dev/zero")


def test_a_manifest_is_not_given():
    with pytest.raises(bundle.BundleError, match="not given"):
        factory.write({"MANIFEST": b""})


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubled_files_are_refused():
    assert refused(foreign([*members(DATA), ("bundle.json", b"{}")])) == "bundle.json stands twice"


def test_compressed_and_encrypted_files_are_refused():
    bomb = foreign([("bomb", bytes(10_000_000))], zipfile.ZIP_DEFLATED)
    encrypted = bytearray(foreign([("secret", b"x")]))
    encrypted[6] |= 1

    assert refused(bomb) == "bomb is encrypted, compressed or otherwise special"
    assert refused(bytes(encrypted)) == "secret is encrypted, compressed or otherwise special"


def test_a_zip_in_another_form_is_refused():
    form = "the ZIP is not in the one form that a bundle has"

    assert refused(foreign(members(DATA))) == form
    assert refused(b"prefix" + DATA) == "there is no MANIFEST"
    assert refused(DATA + b"suffix") == form
    assert refused(foreign(members(DATA), comment=b"hello")) == form


def test_a_hidden_entry_between_the_files_is_refused():
    """An entry that only its local header announces: some readers stream it, others skip it."""
    checksum = zlib.crc32(b"x")
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, checksum, 1, 1, 1, 0) + b"hx"
    start = DATA.index(b"PK\x01\x02")
    end = bytearray(DATA[-22:])
    end[16:20] = struct.pack("<L", start + len(local))

    hidden = DATA[:start] + local + DATA[start:-22] + bytes(end)

    with zipfile.ZipFile(io.BytesIO(hidden)) as archive:
        assert "h" not in archive.namelist()
    assert refused(hidden) == "the ZIP is not in the one form that a bundle has"


def test_two_names_for_one_file_are_refused():
    name = DATA.index(b"events/1.json", DATA.index(b"PK\x03\x04", 4))
    renamed = DATA[:name] + b"events/2.json" + DATA[name + 13 :]

    assert refused(renamed) == "the ZIP is not in the one form that a bundle has"


def test_what_is_no_zip_is_refused(tmp_path):
    for data in (b"", b"PK", b"text", DATA[:-1], DATA[:40], DATA[22:]):
        refused(data)
    assert refused(foreign([("bundle.json", b"{}")])) == "there is no MANIFEST"
    with pytest.raises(bundle.BundleError, match="cannot be read"):
        bundle.load_bundle(tmp_path / "missing.zip")
    with pytest.raises(bundle.BundleError, match="cannot be read"):
        bundle.load_bundle(tmp_path)


def test_too_much_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(DATA)
    monkeypatch.setattr(bundle, "MAX_BYTES", len(DATA) - 1)
    assert refused(DATA) == "the bundle is too large"
    with pytest.raises(bundle.BundleError, match="too large"):
        bundle.load_bundle(path)
    with pytest.raises(bundle.BundleError, match="too much"):
        factory.write({"a": bytes(len(DATA))})
    monkeypatch.undo()
    monkeypatch.setattr(bundle, "MAX_FILES", 3)
    assert refused(DATA) == "too much for one bundle"


def test_every_flipped_byte_of_the_archive_is_refused():
    for at in range(len(DATA)):
        bent = DATA[:at] + bytes([DATA[at] ^ 0x20]) + DATA[at + 1 :]
        try:
            files = bundle.read_bundle(bent)
        except bundle.BundleError:
            continue
        pytest.fail(f"byte {at} does not matter: {files.keys()}")


def with_manifest(files):
    """`DATA`'s manifest over other files, in the one form."""
    manifest = bundle.read_bundle(DATA)["MANIFEST"]
    return bundle.read_bundle(bundle._zip({"MANIFEST": manifest, **files}))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({**FILES, "more": b""}, "more is not listed in the manifest"),
        ({name: FILES[name] for name in FILES if name != "empty"}, "empty is missing"),
        (
            {**FILES, "events/1.json": b"One"},
            "events/1.json is not the file that the manifest lists",
        ),
        (
            {**FILES, "events/1.json": b"ones"},
            "events/1.json is not the file that the manifest lists",
        ),
    ],
)
def test_files_that_differ_from_the_manifest_are_refused(files, reason):
    with pytest.raises(bundle.BundleError) as caught:
        bundle.check_manifest(with_manifest(files), [VKEY])

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "text",
    [
        "other/v1\n",
        "tallystick/bundle/v1\nshort\n",
        f"tallystick/bundle/v1\n{'0' * 64} 01 a\n",
        f"tallystick/bundle/v1\n{'0' * 64} 1 a\n{'0' * 64} 1 a\n",
        f"tallystick/bundle/v1\n{'A' * 64} 1 a\n",
        f"tallystick/bundle/v1\n\n{'0' * 64} 1 a\n",
    ],
)
def test_malformed_manifests_are_refused(text):
    manifest = note.sign_note(text, factory.EXCHANGE_NAME, factory.EXCHANGE).encode()

    with pytest.raises(bundle.BundleError):
        bundle.check_manifest({"MANIFEST": manifest}, [VKEY])


def test_a_manifest_of_another_key_is_refused():
    stranger = bundle.write_bundle(FILES, name=factory.EXCHANGE_NAME, key=factory.SELLER)

    with pytest.raises(note.NoteError):
        bundle.check_manifest(bundle.read_bundle(stranger), [VKEY])
