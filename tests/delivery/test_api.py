"""Depositing over HTTP."""

import pytest

from delivery.models import Deposit
from tests.factories import accounts, delivery

pytestmark = pytest.mark.django_db


def bearer(actor):
    return {"HTTP_AUTHORIZATION": f"Bearer {accounts.make_actor_key(actor)}"}


def put(client, certificate, content, **headers):
    address = f"/api/v1/deposits/{certificate.version_id}/content"
    return client.put(address, content, content_type="application/octet-stream", **headers)


def test_the_holder_puts_the_file_and_others_do_not(client, certificate, path):
    holder = bearer(delivery.holder_of(certificate))
    stranger = bearer(accounts.actor_of(accounts.make_buyer()))
    content = path.read_bytes()

    assert put(client, certificate, content).status_code == 401
    assert put(client, certificate, content, **stranger).status_code == 404
    assert put(client, certificate, content[:-1], **holder).status_code == 422
    assert put(client, certificate, content + b"x", **holder).status_code == 413
    assert Deposit.objects.count() == 0
    reply = put(client, certificate, content, **holder)

    row = Deposit.objects.get()
    assert reply.status_code == 200
    assert reply.json() == {
        "id": row.id,
        "version": certificate.version_id,
        "size_bytes": len(content),
        "sha256": certificate.version.sha256,
        "deposited_at": reply.json()["deposited_at"],
    }
    shown = client.get(f"/api/v1/deposits/{certificate.version_id}", **holder)
    assert shown.json() == reply.json()
    hidden = client.get(f"/api/v1/deposits/{certificate.version_id}", **stranger)
    assert hidden.status_code == 404


def test_unknown_versions_and_missing_deposits_are_not_found(client, certificate):
    holder = bearer(delivery.holder_of(certificate))

    assert client.get("/api/v1/deposits/asv_none", **holder).status_code == 404
    missing = client.get(f"/api/v1/deposits/{certificate.version_id}", **holder)
    assert (missing.status_code, missing.json()["code"]) == (404, "not-deposited")
