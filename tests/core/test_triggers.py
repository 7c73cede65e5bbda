"""Tables and columns that the database itself protects."""

import pytest
from django.db import IntegrityError, connection, transaction

from core.triggers import creating, dropping, freezing, thawing

pytestmark = pytest.mark.django_db
PAPER = "CREATE TABLE paper (id integer PRIMARY KEY, state text, body text)"


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def refused(statement):
    """The database refuses the statement and nothing changes."""
    before = rows()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(statement)
    assert rows() == before


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, state, body FROM paper ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def paper():
    """A table of two papers; gone again with the test's transaction."""
    run(PAPER, "INSERT INTO paper VALUES (1, 'draft', 'a'), (2, 'signed', 'b')")


def test_an_append_only_table_takes_rows_and_keeps_them(paper):
    run(*creating(connection.vendor, "paper"))

    run("INSERT INTO paper VALUES (3, 'draft', 'c')")
    refused("UPDATE paper SET state = 'x' WHERE id = 1")
    refused("DELETE FROM paper WHERE id = 1")

    run(*dropping(connection.vendor, "paper"), "DELETE FROM paper")
    assert rows() == []


def test_frozen_columns_stay_while_others_move(paper):
    run(*freezing(connection.vendor, "paper", ["body"], ""))

    run("UPDATE paper SET state = 'signed' WHERE id = 1")
    refused("UPDATE paper SET body = 'x' WHERE id = 1")
    refused("DELETE FROM paper WHERE id = 1")

    run(*thawing(connection.vendor, "paper"), "UPDATE paper SET body = 'x'")
    assert [body for _id, _state, body in rows()] == ["x", "x"]


def test_columns_may_be_frozen_under_a_condition(paper):
    run(*freezing(connection.vendor, "paper", ["body"], "OLD.state = 'signed'"))

    run("UPDATE paper SET body = 'x' WHERE id = 1")
    refused("UPDATE paper SET body = 'x' WHERE id = 2")

    assert rows() == [(1, "draft", "x"), (2, "signed", "b")]


def test_a_column_called_as_a_word_of_sql_is_can_be_frozen():
    run('CREATE TABLE paper (id integer PRIMARY KEY, "user" text)')

    run(*freezing(connection.vendor, "paper", ["user"], ""))

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run("INSERT INTO paper VALUES (1, 'a')", "UPDATE paper SET \"user\" = 'b'")
