"""The founding of the exchange: once, by somebody with a shell on its machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import events, inputs
from accounts import uscc as codes
from accounts.actions.members import enter, register_user
from accounts.models import Organisation
from accounts.states import ORGANISATION, OrganisationKind, Role
from core.actors import COMMAND_KIND, Actor
from core.errors import Conflict, Invalid, NotAllowed
from core.events import record
from core.states import advance
from core.time import effective_time
from tallystick import canonical


class Founder(NamedTuple):
    """One of the first administrators."""

    email: str
    name: str
    password: str


def bootstrap(
    *,
    name: str,
    uscc: str,
    region: str,
    administrators: Sequence[tuple[str, str, str]],
    by: Actor,
    demo: bool = False,
    now: datetime | None = None,
) -> Organisation:
    """The exchange exists, is qualified, and has its first administrators.

    `administrators` are at least two Founders (email, name, password): every later
    role is given by one person to another. Raises Conflict the second time, NotAllowed
    for anybody but the command line, Invalid for bad input.
    Records UserRegistered and MemberAdded for each, and ExchangeFounded.
    """
    exchange = checked_founding(name, uscc, region, administrators, by)
    exchange.is_demo = demo
    at = effective_time(now, by=by, parties=[exchange])
    exchange.applied_at = at
    with transaction.atomic():
        if Organisation.objects.filter(kind=OrganisationKind.EXCHANGE).exists():
            raise Conflict("founded", _("The exchange has been founded already."))
        exchange.save(force_insert=True)
        users = [
            register_user(email=email, name=called, password=password, by=by)
            for email, called, password in administrators
        ]
        record(
            events.ExchangeFounded(
                organisation=exchange.pk,
                name=exchange.name,
                uscc=exchange.uscc,
                region=exchange.region,
                administrators=[user.pk for user in users],
            ),
            by=by,
            about=[exchange.pk],
            parties=[exchange],
            effective_at=at if now else None,
        )
        advance(exchange, ORGANISATION, "admit", qualified_at=at)
        for user in users:
            enter(exchange, user, [str(Role.ADMINISTRATOR)], by=by, at=at, now=now)
    return exchange


def checked_founding(
    name: str, uscc: str, region: str, administrators: Sequence[tuple[str, str, str]], by: Actor
) -> Organisation:
    """The exchange as it will be stored. Raises NotAllowed, Invalid.

    Its onboarding document is the canonical JSON of name, code and region.
    """
    if by.kind != COMMAND_KIND:
        raise NotAllowed("founding-by-command", _("The exchange is founded on its own machine."))
    if len({email.strip().lower() for email, _name, _password in administrators}) < 2:
        raise Invalid(
            "two-administrators",
            _("The exchange needs two administrators, two different persons."),
            field="administrators",
        )
    founding = {
        "name": inputs.line(name, 100, "name"),
        "uscc": codes.checked(uscc),
        "region": inputs.region(region),
    }
    return Organisation(
        **founding,
        kind=OrganisationKind.EXCHANGE,
        onboarding_sha256=hashlib.sha256(canonical.dumps(founding)).hexdigest(),
    )
