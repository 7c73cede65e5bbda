"""The home page of an exchange in which nothing has happened yet."""

import pytest

from tests.factories.registry import make_certificate

pytestmark = pytest.mark.django_db


def test_an_empty_exchange_says_so_and_what_to_do(client):
    page = client.get("/").content.decode()

    assert "还没有登记。" in page
    assert 'href="/api/v1/docs"' in page
    assert "尚未锚定" in page
    assert "ts-stub" not in page


def test_a_certificate_that_is_not_sealed_yet_is_shown_as_such(client):
    certificate = make_certificate()

    page = client.get("/en/").content.decode()

    assert certificate.asset.name in page
    assert "Not yet sealed" in page
    assert ", anchored" not in page
