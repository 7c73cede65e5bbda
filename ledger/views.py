"""The page of the log: its newest checkpoint, its anchors, and its entries as published."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from core.pages import Page
from core.tables import ROWS
from ledger import queries


class Log(Page):
    """`/log`: what the log publishes and nothing else: index and hash of each leaf."""

    template_name = "ledger/log_show.html"
    public = True

    def context(self) -> dict[str, Any]:
        """A page of leaves counts down from the newest, or from the index asked for."""
        last = queries.head().size - 1
        asked = self.request.GET.get("from", "")
        first = min(int(asked), last) if asked.isdecimal() and len(asked) < 16 else last
        checkpoint = queries.latest_checkpoint()
        return {
            "size": last + 1,
            "checkpoint": checkpoint,
            "waiting": last + 1 - (checkpoint.size if checkpoint else 0),
            "anchors": [
                {
                    "size": row.size,
                    "block": row.block_number,
                    "block_hash": "0x" + bytes(row.block_hash).hex(),
                    "transaction": "0x" + bytes(row.attempt.transaction_hash).hex(),
                    "at": row.recorded_at,
                    "chain": row.chain,
                }
                for row in queries.newest_anchors()
            ],
            "leaves": queries.newest_leaves(first, ROWS),
            "newer": min(first + ROWS, last) if first < last else None,
            "older": first - ROWS if first >= ROWS else None,
            "origin": settings.LOG_ORIGIN,
            "site": settings.SITE_URL,
        }
