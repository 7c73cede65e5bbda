"""The grid of roles and endpoints: every cell is called, and no route is without its row."""

import pytest
from django.db import transaction

from core.models import Event
from tests.factories.exchange import ROLES
from tests.house.permissions import GRID
from tests.house.routes import caller, endpoints, filled, parameters, send
from tests.journeys.test_fuzz import THINGS

pytestmark = pytest.mark.xdist_group("permissions")
UNKNOWN = "unknown0000000000000000000000"


def test_every_route_has_its_row_and_every_row_its_route():
    assert sorted(GRID) == sorted(endpoints())


def test_every_name_in_a_path_stands_for_something_when_requests_are_generated():
    names = {name for _method, path in endpoints() for name in parameters(path)}

    assert names <= set(THINGS)


def called(world, key, role, things=None):
    """The answer to one role."""
    row, (method, path) = GRID[key], key
    ids = [world.ids[name] for name in row.things] if things is None else things
    body = row.body(world, role) if row.body else None
    client = caller(world, role, person=row.person)
    return send(client, method, filled(path, *ids), body, row.query)


def answers(world, key, **options):
    """{role: (status, events written)} of a row; what each role did is undone before the next."""
    found = {}
    for role in ROLES:
        with transaction.atomic():
            before = Event.objects.count()
            status = called(world, key, role, **options).status_code
            found[role] = status, Event.objects.count() - before
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("key", GRID, ids=" ".join)
def test_each_role_is_answered_as_the_grid_says(world, key):
    found = answers(world, key)

    assert {role: status for role, (status, _) in found.items()} == GRID[key].expected
    assert [role for role, (status, written) in found.items() if status >= 400 and written] == []


@pytest.mark.parametrize("key", [key for key in GRID if parameters(key[1])], ids=" ".join)
def test_an_unknown_id_is_not_found(world, key):
    found = answers(world, key, things=[UNKNOWN for _ in parameters(key[1])])

    for role, (status, written) in found.items():
        expected = GRID[key].expected[role]
        assert status in ({401} if expected == 401 else {403, 404} if expected == 403 else {404})
        assert written == 0
