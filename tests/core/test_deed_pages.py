"""A page's forms: one deed each, once per intent, refused with a reason and nothing lost."""

import re

import pytest
from django import forms
from django.test import Client
from django.urls import path

from config import urls
from core import pages
from core.errors import Conflict, Invalid
from core.forms import DeedForm
from tests.factories import accounts

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

DEEDS: list[str] = []


class NoteForm(DeedForm):
    note = forms.CharField(label="Note", max_length=20)


class Notes(pages.Page):
    """A page with one form, whose deed is to keep a note."""

    template_name = "core/test_deed_page.html"
    forms = {"keep": NoteForm}

    def do_keep(self, data):
        if data["note"] == "taken":
            raise Conflict("taken", "Somebody has it.", remedy="Choose another.")
        if data["note"] == "odd":
            raise Invalid("odd", "An odd note.", field="note")
        DEEDS.append(data["note"])
        return pages.Done("/there", "Kept.")


urlpatterns = [path("notes", Notes.as_view(), name="notes_of_test"), *urls.urlpatterns]


@pytest.fixture
def client(settings, tmp_path) -> Client:
    folder = tmp_path / "core"
    folder.mkdir()
    (folder / "test_deed_page.html").write_text(
        '{% extends "core/work.html" %}{% load deeds %}'
        '{% block main %}{% deed "keep" "Keep" %}{% endblock %}'
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    DEEDS.clear()
    signed_in = Client()
    signed_in.force_login(accounts.make_user())
    return signed_in


def intent_in(reply) -> str:
    """The intent of the form on a page."""
    return re.search(r'name="intent" value="([^"]+)"', reply.content.decode())[1]


def send(client, note, intent="one"):
    return client.post("/notes", {"verb": "keep", "intent": intent, "note": note})


def test_a_deed_leads_on_and_says_so(client):
    shown = client.get("/notes")

    reply = send(client, "a note", intent_in(shown))

    assert (reply.status_code, reply["Location"], DEEDS) == (302, "/there", ["a note"])
    assert "Kept." in client.get("/notes").content.decode()


def test_two_renderings_have_two_intents(client):
    assert intent_in(client.get("/notes")) != intent_in(client.get("/notes"))


def test_a_second_click_does_nothing_and_leads_to_the_same_place(client):
    replies = [send(client, "a note"), send(client, "a note")]

    assert [r["Location"] for r in replies] == ["/there", "/there"]
    assert DEEDS == ["a note"]


def test_one_intent_with_another_text_is_refused(client):
    send(client, "a note")

    reply = send(client, "another")

    assert (reply.status_code, DEEDS) == (422, ["a note"])
    assert 'value="another"' in reply.content.decode()


@pytest.mark.parametrize(
    ("note", "status", "words"),
    [("taken", 409, "Choose another."), ("odd", 422, "An odd note."), ("", 422, "keep-note_error")],
)
def test_a_refusal_shows_the_page_with_what_was_typed(client, note, status, words):
    reply = send(client, note)

    body = reply.content.decode()
    assert (reply.status_code, DEEDS) == (status, [])
    assert words in body
    assert f'value="{note}"' in body or not note
    assert send(client, "a note").status_code == 302, "a refusal uses up no intent"


@pytest.mark.parametrize("note", ["a\u202eb", "a\x00b", "a\u2066b", "x" * 21])
def test_texts_that_would_mislead_are_refused(client, note):
    reply = send(client, note)

    assert (reply.status_code, DEEDS) == (422, [])


def test_markup_is_shown_inert(client):
    reply = send(client, "<b>x</b>" + "y" * 20)

    assert "<b>x</b>" not in reply.content.decode()


@pytest.mark.parametrize(
    "data", [{"verb": "burn", "intent": "a"}, {}, {"verb": "keep", "note": "a"}]
)
def test_a_form_that_is_not_the_pages_own_is_refused(client, data):
    reply = client.post("/notes", data)

    assert (reply.status_code, DEEDS) == (422, [])


def test_visitors_are_led_to_sign_in():
    visitor = Client()

    for reply in (visitor.get("/notes"), visitor.post("/notes", {"verb": "keep"})):
        assert (reply.status_code, reply["Location"]) == (302, "/accounts/login/?next=/notes")
