"""Pages that list: paged with a count, the same rows as CSV, nothing that a spreadsheet runs."""

import csv
import io
import re

import pytest
from django.test import Client
from django.urls import path

from accounts.models import User
from config import urls
from core import tables
from tests.factories import accounts

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class People(tables.TablePage):
    """Everybody, by name."""

    template_name = "core/test_table.html"
    headings = ("Name", "Count")
    filename = "people"

    def rows(self):
        return User.objects.order_by("email")

    def cells(self, row):
        return (row.name, -1)


urlpatterns = [path("people", People.as_view(), name="people_of_test"), *urls.urlpatterns]


@pytest.fixture
def client(settings, tmp_path) -> Client:
    folder = tmp_path / "core"
    folder.mkdir()
    (folder / "test_table.html").write_text(
        '{% extends "core/work.html" %}{% block main %}{% for row in lines %}<i>{{ row.name }}</i>'
        '{% endfor %}{% include "core/pager.html" with csv=True %}{% endblock %}'
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    signed_in = Client()
    signed_in.force_login(accounts.make_user())
    return signed_in


def test_a_page_shows_25_rows_and_the_count(client):
    for number in range(59):
        accounts.make_user(f"示例{number}")

    first, last = client.get("/people?q=a"), client.get("/people?q=a&page=3")

    assert [reply.content.decode().count("<i>") for reply in (first, last)] == [25, 10]
    assert re.search(r"\b51\D+60\D+60\b", last.content.decode())
    assert 'href="?q=a&amp;page=2"' in first.content.decode()
    assert 'href="?q=a&amp;format=csv"' in last.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "2" * 30])
def test_a_page_that_is_not_there_shows_the_nearest(client, page):
    reply = client.get(f"/people?page={page}")

    assert (reply.status_code, reply.content.decode().count("<i>")) == (200, 1)


@pytest.mark.parametrize(
    ("name", "cell"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-a", "'-a"), ("+a", "'+a"), ('a,"b"', 'a,"b"')],
)
def test_csv_holds_every_row_and_no_formula(client, name, cell):
    accounts.make_user(name)
    accounts.make_user("示例乙")

    reply = client.get("/people?format=csv")

    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert rows[0] == ["Name", "Count"]
    assert [cell, "-1"] in rows
    assert len(rows) == 4


def test_nothing_is_an_empty_cell():
    assert [tables.inert(value) for value in (None, 0, -5, "")] == ["", "0", "-5", ""]
