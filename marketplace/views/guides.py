"""Pages that explain: rules and fees, help by role, the statement on accessibility."""

from __future__ import annotations

from typing import Any

from core.pages import Page
from marketplace.gates import GATES
from marketplace.queries import zones
from registry.grounds import GROUNDS, REFUSALS
from registry.queries import durations_in_force
from registry.states import SourceKind


class Rules(Page):
    """`/rules`: fees of each zone, durations with their basis, gates, grounds, codes."""

    template_name = "marketplace/rules_show.html"
    public = True

    def context(self) -> dict[str, Any]:
        """What is in force today, as the exchange's tables say it."""
        return {
            "zones": [(zone, zone.exchange_bps / 100, zone.tax_bps / 100) for zone in zones()],
            "durations": durations_in_force(),
            "gates": GATES,
            "sources": [(SourceKind(kind).label, ground) for kind, ground in GROUNDS.items()],
            "refusals": [(ground.label, basis) for ground, basis in REFUSALS.items()],
        }


class Help(Page):
    """`/help`: what each role does here, and where."""

    template_name = "marketplace/help_show.html"
    public = True


class Accessibility(Page):
    """`/accessibility`: what was aimed at, what was checked, what falls short."""

    template_name = "marketplace/accessibility_show.html"
    public = True
