"""Reads of the money of deals: what was earned, what is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from marketplace.models import Order, Settlement
from marketplace.queries.orders import WITH, payable_key
from marketplace.states import HELD
from money.models import Transfer
from money.postings import derived_id


@dataclass(frozen=True, slots=True)
class Line:
    """One payment, with the settlement that it belongs to; None where it has none."""

    transfer: Transfer
    settlement: Settlement | None


def earnings(organisation_id: str) -> QuerySet[Transfer]:
    """What was posted to the organisation's payable account, the newest first."""
    rows = Transfer.objects.filter(credit__key=payable_key(organisation_id))
    return rows.order_by("-recorded_at", "-id")


def earnings_of(rows: Iterable[Transfer], organisation_id: str) -> list[Line]:
    """The organisation's payments with the settlements that they belong to; one query."""
    found = list(rows)
    settlements = Settlement.objects.filter(order__in={row.ref for row in found})
    related = ("statement", "order__buyer", "order__version__product")
    known = {
        UUID(derived_id("settle", settlement.statement_id, organisation_id)): settlement
        for settlement in settlements.select_related(*related)
    }
    return [Line(row, known.get(row.pk)) for row in found]


def held_by(organisation_id: str) -> QuerySet[Order]:
    """The orders that the organisation paid for, the newest first; `paid_out` in fen."""
    settled = Settlement.objects.filter(order=OuterRef("pk")).order_by().values("order")
    total = settled.annotate(total=Sum("amount_fen")).values("total")
    rows = Order.objects.filter(buyer=organisation_id, funded_at__isnull=False)
    rows = rows.annotate(paid_out=Coalesce(Subquery(total), 0)).select_related(*WITH)
    return rows.order_by("-funded_at", "-id")


def held_of(order: Order) -> dict[str, Any]:
    """An order of `held_by` with what was settled, what went back and what is held, in fen."""
    settled = order.paid_out  # type: ignore[attr-defined]  # annotated by held_by
    held = order.price_fen - settled - order.returned_fen if order.state in HELD else 0
    return {"order": order, "settled": settled, "held": held}
