"""The money of a member: what it earned, what it holds in escrow, what its buyers use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.queries.usage import days_of
from core.charts import days_chart, finding
from core.tables import TablePage
from marketplace import queries
from marketplace.models import Order
from marketplace.ordering import ROWS_METER
from marketplace.queries import deals
from marketplace.queries.ledgers import Line, earnings, earnings_of, held_by, held_of
from marketplace.states import OrderState
from marketplace.views.contracts import says
from money import queries as money
from money.models import Transfer


class Payouts(TablePage):
    """What settlements paid to the organisation, the newest first."""

    template_name = "marketplace/payout_list.html"
    filename = "payouts"
    headings = (
        _("When"),
        _("Statement"),
        _("For"),
        _("Amount in fen"),
        _("Transfer"),
    )

    def rows(self) -> QuerySet[Transfer]:
        return earnings(self.actor.organisation_id)

    def lines(self, rows: list[Transfer]) -> list[Line]:
        return earnings_of(rows, self.actor.organisation_id)

    def cells(self, row: Transfer) -> Iterable[Any]:
        return row.effective_at.isoformat(), row.ref, row.code, row.amount_fen, row.pk.hex

    def context(self) -> dict[str, Any]:
        key = queries.payable_key(self.actor.organisation_id)
        return super().context() | {"payable": money.available_fen(key), "account": key}


class Escrow(TablePage):
    """What the organisation paid into escrow, order by order, and what is still held."""

    template_name = "marketplace/escrow_list.html"
    filename = "escrow"
    headings = (
        _("Order"),
        _("Contract"),
        _("State"),
        _("Paid in fen"),
        _("Settled in fen"),
        _("Gone back in fen"),
        _("Held in fen"),
    )

    def rows(self) -> QuerySet[Order]:
        return held_by(self.actor.organisation_id)

    def lines(self, rows: list[Order]) -> list[dict[str, Any]]:
        return [held_of(row) for row in rows]

    def cells(self, row: Order) -> Iterable[Any]:
        line = held_of(row)
        sums = line["settled"], row.returned_fen, line["held"]
        return row.pk, row.contract_id, row.get_state_display(), row.price_fen, *sums

    def context(self) -> dict[str, Any]:
        wallet = money.available_fen(queries.wallet_key(self.actor.organisation_id))
        return super().context() | {"wallet": wallet}


class Consumption(TablePage):
    """How each buyer of the organisation's products uses them now; a chart for each."""

    template_name = "marketplace/consumption_list.html"
    filename = "consumption"
    headings = (
        _("Contract"),
        _("Buyer"),
        _("Product"),
        _("Calls"),
        _("Granted"),
        _("State"),
    )

    def rows(self) -> QuerySet[Order]:
        rows = queries.orders_of(self.actor).filter(seller=self.actor.organisation_id)
        used = (OrderState.ACTIVE, OrderState.COMPLETED)
        return rows.filter(state__in=used).order_by("-activated_at", "-id")

    def lines(self, rows: list[Order]) -> list[dict[str, Any]]:
        """Each order with its days; one query for the use of all of them."""
        if not rows:
            return []
        now = timezone.now()
        periods = {row.pk: deals.period_of(row.starts_at, row.ends_at, now) for row in rows}
        since = min(begin for begin, _end in periods.values())
        uses = days_of([row.contract_id for row in rows], since=since, until=now)
        found = []
        for row in rows:
            own = [use for use in uses if use.contract == row.contract_id]
            days = deals.use_by_day(deals.days_between(*periods[row.pk]), own)
            told = finding(days)
            found.append(
                {
                    "order": row,
                    "days": days,
                    "chart": days_chart(days),
                    "told": told,
                    "says": says(told),
                    "used": sum(use.units for use in own if use.meter == ROWS_METER),
                }
            )
        return found

    def cells(self, row: Order) -> Iterable[Any]:
        uses = days_of([row.contract_id], since=row.starts_at, until=timezone.now())
        used = sum(use.units for use in uses if use.meter == ROWS_METER)
        name = row.version.product.name
        return row.contract_id, row.buyer.name, name, used, row.quota, row.get_state_display()
