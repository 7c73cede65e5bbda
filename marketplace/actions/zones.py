"""Opening zones, and what they charge."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import queries as accounts
from core.actors import Actor
from core.errors import Conflict, Invalid
from core.events import record
from core.money import BPS
from core.time import effective_time
from core.verdicts import require
from marketplace import events, rules
from marketplace.models import Zone
from marketplace.models.product import SLOTS


def change_fees(
    zone: Zone, *, exchange_bps: int, tax_bps: int, by: Actor, now: datetime | None = None
) -> Zone:
    """The zone's fees for what is submitted from now on; submitted versions keep theirs.

    Raises NotAllowed, Invalid when the fees exceed the whole, Conflict when nothing changes.
    Records ZoneFeesChanged.
    """
    exchange = accounts.the_exchange()
    effective_time(now, by=by, parties=[exchange])
    with transaction.atomic():
        require(rules.may_open_zone(by))
        require_fees(exchange_bps, tax_bps)
        zone.refresh_from_db(from_queryset=Zone.objects.select_for_update())
        if (zone.exchange_bps, zone.tax_bps) == (exchange_bps, tax_bps):
            raise Conflict("fees-same", _("These are the zone's fees already."))
        zone.exchange_bps, zone.tax_bps = exchange_bps, tax_bps
        zone.save(update_fields=["exchange_bps", "tax_bps"])
        fact = events.ZoneFeesChanged(zone=zone.pk, exchange_bps=exchange_bps, tax_bps=tax_bps)
        record(fact, by=by, about=[zone.pk, exchange.pk], parties=[exchange], effective_at=now)
    return zone


def require_fees(exchange_bps: int, tax_bps: int) -> None:
    """Raises Invalid unless the fees are possible."""
    if exchange_bps < 0 or tax_bps < 0 or exchange_bps + tax_bps > BPS:
        raise Invalid(
            "fees-exceed-whole",
            _("The fees of a zone are 0 to 10,000 basis points together."),
            field="exchange_bps",
        )


def open_zone(
    *,
    name: str,
    scope: str,
    exchange_bps: int,
    tax_bps: int,
    by: Actor,
    now: datetime | None = None,
) -> Zone:
    """A zone takes the first free of the eight places. Fees are basis points.

    Raises Conflict when no place is free or the name is taken, Invalid when the fees
    exceed the whole. Records ZoneOpened.
    """
    exchange = accounts.the_exchange()
    at = effective_time(now, by=by, parties=[exchange])
    with transaction.atomic():
        require(rules.may_open_zone(by))
        require_fees(exchange_bps, tax_bps)
        taken = dict(Zone.objects.select_for_update().values_list("slot", "name"))
        if name in taken.values():
            raise Conflict("zone-name", _("There is a zone of this name."), field="name")
        free = [slot for slot in range(1, SLOTS + 1) if slot not in taken]
        if not free:
            raise Conflict("zones-full", _("All eight places are taken."), places=SLOTS)
        zone = Zone.objects.create(
            slot=free[0],
            name=name,
            scope=scope,
            exchange_bps=exchange_bps,
            tax_bps=tax_bps,
            opened_at=at,
        )
        fact = events.ZoneOpened(
            zone=zone.pk,
            slot=zone.slot,
            name=name,
            exchange_bps=exchange_bps,
            tax_bps=tax_bps,
        )
        record(fact, by=by, about=[zone.pk, exchange.pk], parties=[exchange], effective_at=now)
    return zone
