"""Every test of this room has a spool and an object store of its own."""

import pytest

from tests.factories import delivery


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.OBJECT_DIR = tmp_path / "objects"


@pytest.fixture
def path(tmp_path):
    return delivery.make_csv(tmp_path)


@pytest.fixture
def certificate(path):
    return delivery.make_registered(path)


@pytest.fixture
def deal(certificate, path):
    """An active contract on a deposited table."""
    delivery.make_deposit(certificate, path)
    return delivery.make_deal_on(certificate)


@pytest.fixture
def token(deal):
    return delivery.make_token(deal.buyer)
