"""Checks over one moment of the database, and events as witnesses of rows."""

import threading

import pytest
from django.db import connection, transaction

from core import fsck
from core.models import Event
from tests.factories.evidence import make_records
from tests.factories.ledger import note_events, seal

CHECKS = "config.fsck.CHECKS"


@pytest.mark.django_db
def test_a_whole_trade_passes_every_check():
    make_records()

    found = list(fsck.check_all())

    assert found[1:] == [
        "4 members and 2 signing keys are as told",
        "6 transfers in 7 accounts balance and are as told",
        "1 fingerprints and 1 certificates are as told",
        "1 contracts and 2 statements are as signed, 3 usage events add up",
        "1 deposits are the registered files",
        "1 product versions, 1 orders and 2 vouchers are as told",
    ]


def test_a_check_sees_one_moment_while_others_go_on_writing(committed):
    seal(3)
    before = Event.objects.count()

    def write():
        seal(2)
        connection.close()

    with fsck.snapshot():
        seen = Event.objects.count()
        writing = threading.Thread(target=write)
        writing.start()
        writing.join(timeout=30)
        still = Event.objects.count()

    assert (seen, still, Event.objects.count()) == (before, before, before + 2)
    assert not connection.in_atomic_block


@pytest.mark.django_db
def test_inside_a_transaction_its_own_view_is_kept():
    with transaction.atomic(), fsck.snapshot():
        note_events(1)

        assert Event.objects.count() == 1


@pytest.mark.django_db
def test_what_cannot_be_read_is_a_difference(settings, monkeypatch):
    def unreadable():
        return int("x")

    monkeypatch.setattr("ledger.fsck.check", unreadable)

    with pytest.raises(fsck.Difference, match="ledger: something stored cannot be read"):
        list(fsck.check_all())
