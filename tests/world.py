"""One exchange at work for a whole module of tests; what a test does to it is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.factories.exchange import Exchange, make_world


@pytest.fixture(scope="module")
def world(
    test_database: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Exchange]:
    """Made once in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(tmp_path_factory.mktemp("chain"))
        transaction.set_rollback(True)


@pytest.fixture
def undone(world: Exchange) -> Iterator[None]:
    """What the test writes is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
