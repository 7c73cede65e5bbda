"""Deposits: the registered file is kept encrypted, every other is refused and not kept."""

import pytest
from django.utils import timezone

from core import objects
from core.errors import Invalid, NotAllowed, NotFound, TooLarge
from core.models import Event
from delivery import actions, queries, rules
from delivery.models import Deposit
from tests.factories import accounts, delivery, registry

pytestmark = pytest.mark.django_db


def files(settings):
    return [p for p in settings.OBJECT_DIR.rglob("*") if p.is_file()]


def nothing_happened(settings, events):
    assert files(settings) == []
    assert Deposit.objects.count() == 0
    assert Event.objects.count() == events


def pieces(content, size=1000):
    return (content[start : start + size] for start in range(0, len(content), size))


def test_the_registered_file_is_kept_encrypted(certificate, path, settings):
    content = path.read_bytes()

    row = actions.deposit(
        certificate.version, pieces(content, 7), by=delivery.holder_of(certificate)
    )

    assert (row.size_bytes, row.sha256) == (len(content), certificate.version.sha256)
    assert b"".join(objects.opened(row.object).read()) == content
    (stored,) = files(settings)
    assert "社区".encode() not in stored.read_bytes()
    assert queries.deposit_for(certificate.version) == row
    event = Event.objects.get(type="delivery.FileDeposited")
    assert event.subject == row.id
    assert event.body.fields["sha256"]["value"] == row.sha256
    assert {s.ref for s in event.subjects.all()} == {
        row.id,
        certificate.version_id,
        certificate.asset_id,
    }


def test_a_file_of_several_chunks_has_the_registered_root(settings):
    path = registry.make_file(chunks=5)
    certificate = delivery.make_registered(path)

    row = delivery.make_deposit(certificate, path)

    assert objects.opened(row.object).size == path.stat().st_size


@pytest.mark.parametrize("change", ["flip", "cut", "empty"])
def test_another_file_is_refused_and_not_kept(certificate, path, settings, change):
    content = path.read_bytes()
    other = {"flip": content[:-2] + b"9\n", "cut": content[:-1], "empty": b""}[change]
    events = Event.objects.count()

    with pytest.raises(Invalid) as refused:
        actions.deposit(certificate.version, pieces(other), by=delivery.holder_of(certificate))

    assert refused.value.code == "not-the-registered-file"
    assert {"blake3", "chunk_root", "sha256", "sm3"} <= set(refused.value.data["differs"])
    nothing_happened(settings, events)


def test_more_than_was_registered_is_refused_as_it_comes(certificate, path, settings):
    events, taken = Event.objects.count(), []

    def endless():
        while True:
            taken.append(1)
            yield b"x" * 100

    with pytest.raises(TooLarge):
        actions.deposit(certificate.version, endless(), by=delivery.holder_of(certificate))

    assert len(taken) <= path.stat().st_size // 100 + 1
    nothing_happened(settings, events)


def test_an_upload_that_breaks_off_leaves_nothing(certificate, path, settings):
    events = Event.objects.count()

    def broken():
        yield path.read_bytes()[:50]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        actions.deposit(certificate.version, broken(), by=delivery.holder_of(certificate))

    nothing_happened(settings, events)


def test_depositing_again_changes_nothing(certificate, path, settings):
    first = delivery.make_deposit(certificate, path)
    events = Event.objects.count()

    again = delivery.make_deposit(certificate, path)

    assert (again.id, again.object) == (first.id, first.object)
    assert (len(files(settings)), Event.objects.count()) == (1, events)


def test_a_damaged_object_is_restored_under_its_name(certificate, path, settings):
    first = delivery.make_deposit(certificate, path)
    objects.object_path(first.object).write_bytes(b"broken")

    again = delivery.make_deposit(certificate, path)

    assert (again.id, again.object) == (first.id, first.object)
    assert b"".join(objects.opened(again.object).read()) == path.read_bytes()
    assert len(files(settings)) == 1
    assert Event.objects.filter(type="delivery.FileRestored", subject=first.id).count() == 1


def test_a_restoration_with_another_file_leaves_what_was_there(certificate, path, settings):
    row = delivery.make_deposit(certificate, path)
    objects.object_path(row.object).write_bytes(b"broken")
    events = Event.objects.count()

    with pytest.raises(Invalid):
        actions.deposit(
            certificate.version,
            pieces(path.read_bytes()[:-1]),
            by=delivery.holder_of(certificate),
        )

    assert objects.object_path(row.object).read_bytes() == b"broken"
    assert (len(files(settings)), Event.objects.count()) == (1, events)


def test_only_the_holder_deposits(certificate, path, settings):
    events = Event.objects.count()
    for by in (accounts.actor_of(accounts.make_buyer()), accounts.make_reviewer()):
        before = Event.objects.count()
        with pytest.raises(NotFound):
            actions.deposit(certificate.version, pieces(path.read_bytes()), by=by)
        assert Event.objects.count() == before

    assert Event.objects.count() >= events
    assert (files(settings), Deposit.objects.count()) == ([], 0)


def test_what_is_not_registered_is_not_taken(path, settings):
    story = registry.Story(path=path)
    story.to("publicity")
    events = Event.objects.count()

    with pytest.raises(NotAllowed) as refused:
        actions.deposit(story.case.version, pieces(path.read_bytes()), by=story.applicant)

    assert refused.value.code == "not-registered"
    nothing_happened(settings, events)


def test_rows_need_a_registered_table_of_64_mebibytes_at_most(certificate):
    version = certificate.version
    binary = delivery.make_registered(registry.make_file()).version

    assert rules.may_serve_rows(version)
    assert rules.may_serve_rows(binary).code == "rows-need-a-table"
    version.size_bytes = 64 * 2**20
    assert rules.may_serve_rows(version)
    version.size_bytes += 1
    assert rules.may_serve_rows(version).code == "rows-too-large"


def test_a_version_counts_as_registered_only_while_its_certificate_is_in_force(certificate):
    assert queries.is_registered(certificate.version, timezone.now())
    assert not queries.is_registered(certificate.version, certificate.valid_until)
