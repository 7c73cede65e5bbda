"""A gateway on a deposited table, and its two addresses."""

import pytest

from tests.factories import delivery


@pytest.fixture
def gateway(deal, token):
    with delivery.make_gateway() as desktop:
        desktop.refresh()
        yield desktop


@pytest.fixture
def rows(deal):
    return f"/d/{deal.contract.id}/rows"


@pytest.fixture
def file(deal):
    return f"/d/{deal.contract.id}/file"
