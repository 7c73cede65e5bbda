"""The sections of the classification of industries. Source: GB/T 4754-2017, sections A to T."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

SECTIONS: dict[str, Any] = {
    "A": _("Agriculture, forestry, animal husbandry and fishery"),
    "B": _("Mining"),
    "C": _("Manufacturing"),
    "D": _("Electricity, heat, gas and water"),
    "E": _("Construction"),
    "F": _("Wholesale and retail"),
    "G": _("Transport, storage and post"),
    "H": _("Accommodation and catering"),
    "I": _("Information transmission, software and IT services"),
    "J": _("Finance"),
    "K": _("Real estate"),
    "L": _("Leasing and business services"),
    "M": _("Research and technical services"),
    "N": _("Water, environment and public facilities"),
    "O": _("Resident and other services"),
    "P": _("Education"),
    "Q": _("Health and social work"),
    "R": _("Culture, sport and entertainment"),
    "S": _("Public administration and social organisations"),
    "T": _("International organisations"),
}


def called(code: str) -> str:
    """What an industry such as I65 is called: its section's name and the code itself."""
    section = SECTIONS.get(code[:1])
    return f"{section} {code}" if section else code
