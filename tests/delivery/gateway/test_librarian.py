"""Tables in memory: verified when they are loaded, refused when damaged, back when restored."""

import json

import pytest

from core import objects
from delivery.gateway import worker
from tests.factories import delivery

pytestmark = pytest.mark.django_db


def test_a_damaged_file_is_refused_and_served_again_once_restored(
    deal, certificate, path, token, monkeypatch
):
    name = certificate.version.deposit.object
    stored = objects.object_path(name)
    raw = bytearray(stored.read_bytes())
    raw[100] ^= 1
    address = f"/d/{deal.contract.id}/rows?limit=1"
    with delivery.make_gateway() as gateway:
        stored.write_bytes(raw)
        gateway.refresh()
        assert json.loads(gateway.get(address, token).body)["code"] == "rows-damaged"

        delivery.make_deposit(certificate, path)
        gateway.refresh()
        assert json.loads(gateway.get(address, token).body)["code"] == "rows-damaged"
        monkeypatch.setattr(worker, "RETRY_SECONDS", 0.0)
        gateway.refresh()
        assert gateway.get(address, token).status == 200


def test_a_file_that_is_not_the_registered_one_is_not_served(deal, certificate, token):
    name = certificate.version.deposit.object
    with objects.storing(name) as upload:
        upload.write("区县,名称,代码\n渝中区,冒充,1\n".encode())
    with delivery.make_gateway() as gateway:
        gateway.refresh()

        reply = gateway.get(f"/d/{deal.contract.id}/rows", token)

    assert (reply.status, json.loads(reply.body)["code"]) == (503, "rows-damaged")


def test_tables_of_contracts_that_are_over_are_let_go(deal, token):
    with delivery.make_gateway() as gateway:
        gateway.refresh()
        assert len(gateway.gateway.desk.tables) == 1

        gateway.gateway.desk.snapshot = gateway.loader.load(set())
        gateway.gateway.desk.snapshot.contracts.clear()
        gateway.librarian.tick()

        assert gateway.gateway.desk.tables == {}
        assert gateway.gateway.desk.readers == {}
