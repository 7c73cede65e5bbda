"""Fixtures that every test may use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django.fixtures import _get_databases_for_test


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `postgresql` are skipped on any other database, saying so.

    Those that really commit come last: what they leave behind meets no other test, and each
    of them begins with a fresh copy of the template.
    """
    items.sort(key=lambda item: "committed" in getattr(item, "fixturenames", ()))
    if connection.vendor != "postgresql":
        skip = pytest.mark.skip(reason="DATABASE_URL does not point to PostgreSQL")
        for item in items:
            if item.get_closest_marker("postgresql"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def test_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """The migrated test database, also where every collected test asks for `committed` alone.

    pytest-django makes it only for tests with its own marks and fixtures.
    """
    if any(_get_databases_for_test(item)[0] for item in request.session.items):
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def template_database(test_database: None, django_db_blocker: pytest.FixtureRequest) -> str:
    """A pristine copy of the migrated test database, made once."""
    with django_db_blocker.unblock():
        name = str(connection.settings_dict["NAME"])
        drop_connections()
        if connection.vendor == "sqlite":
            template = f"{name}.template"
            copy_sqlite(name, template)
        else:
            template = f"{name}_template"
            recreate_postgres(template, name)
    return template


USED: dict[str, str] = {}  # databases in which a test has committed, and their templates


@pytest.fixture
def committed(
    template_database: str,
    django_db_blocker: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A database in which the test really commits; its name. Other processes may open it.

    Evidence cannot be flushed, so the database is replaced by a copy of the template before
    the next test. TEST_DATABASE in the environment names it for subprocesses.
    """
    with django_db_blocker.unblock():
        name = str(connection.settings_dict["NAME"])
        renew()
        USED[name] = template_database
        monkeypatch.setitem(os.environ, "TEST_DATABASE", name)
        yield name
        drop_connections()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Who reads the database finds it pristine, whoever committed before."""
    if "committed" not in getattr(item, "fixturenames", ()):
        renew()


def renew() -> None:
    """Replace each database in which a test has committed by a copy of its template."""
    while USED:
        reset(*USED.popitem())


def reset(name: str, template: str) -> None:
    """Replace the database by a fresh copy of the template."""
    drop_connections()
    if connection.vendor == "sqlite":
        copy_sqlite(template, name)
    else:
        recreate_postgres(name, template)


def drop_connections() -> None:
    """Close this process's connections, and the pool where there is one."""
    for conn in connections.all():
        conn.close()
        if conn.vendor == "postgresql":
            conn.close_pool()


def copy_sqlite(source: str, target: str) -> None:
    """Copy a SQLite database file by its backup interface."""
    for suffix in ("", "-wal", "-shm"):
        Path(target + suffix).unlink(missing_ok=True)
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


def recreate_postgres(name: str, template: str) -> None:
    """Drop `name` and make it again from `template`."""
    import psycopg

    params = connection.get_connection_params() | {"dbname": "postgres"}
    wanted = {
        k: v for k, v in params.items() if k in {"host", "port", "user", "password", "dbname"}
    }
    with psycopg.connect(**wanted, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
