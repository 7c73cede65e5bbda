"""Migrations are complete, linear, reversible and named as sentences."""

import re

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from tests.house.source import APPS, ROOT

NAMED = re.compile(r"^\d{4}_[a-z]+(?:_[a-z0-9]+)+$")


@pytest.fixture(scope="module")
def migrations():
    loader = MigrationLoader(None)
    return {key: m for key, m in loader.disk_migrations.items() if key[0] in APPS}


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_migration_says_what_it_does(migrations):
    poor = [
        f"{a}.{n}"
        for a, n in migrations
        if not NAMED.match(n) or "auto_" in n or n.endswith("initial")
    ]

    assert migrations
    assert poor == []


def test_each_app_has_one_line_of_migrations(migrations):
    for app in APPS:
        names = sorted(name for a, name in migrations if a == app)
        numbers = [int(name[:4]) for name in names]
        assert numbers == list(range(1, len(numbers) + 1)), (app, ROOT)


def test_every_migration_can_be_undone(migrations):
    stuck = [
        f"{app}.{name}"
        for (app, name), migration in migrations.items()
        for operation in migration.operations
        if (isinstance(operation, RunPython) and operation.reverse_code is None)
        or (isinstance(operation, RunSQL) and operation.reverse_sql is None)
    ]

    assert stuck == []
