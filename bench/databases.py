"""A migrated PostgreSQL database of a figure's own, beside the one DATABASE_URL names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from bench import Unavailable


@contextmanager
def scratch_postgresql() -> Iterator[None]:
    """Django set up on a fresh database, dropped at the end. Raises Unavailable."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise Unavailable("DATABASE_URL does not point to PostgreSQL")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"{name}_bench_{os.getpid()}"
    old = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(old, verbosity=0)
