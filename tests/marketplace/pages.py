"""Pages of deals as a browser sees them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from accounts.models import Organisation
from accounts.queries import user
from core.actors import Actor
from tests.factories import accounts


def browser(who: Organisation | Actor | None) -> Client:
    """A browser in which somebody is signed in: an organisation's first member, or an actor."""
    client = Client()
    if who is not None:
        actor = accounts.actor_of(who) if isinstance(who, Organisation) else who
        client.force_login(user(actor.user_id))
    return client


def intent_of(body: str, verb: str) -> str:
    """The intent of one of a page's forms."""
    return re.search(
        rf'name="verb" value="{verb}"><input type="hidden" name="intent" value="([^"]+)"', body
    )[1]


def do(client: Client, address: str, verb: str, **fields: Any) -> Any:
    """Open the page and send one of its forms."""
    body = client.get(address).content.decode()
    return client.post(address, {"verb": verb, "intent": intent_of(body, verb), **fields})
