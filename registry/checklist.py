"""What a reviewer looks at by hand in a registration, as data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.casework import Item
from registry.grounds import EXCHANGE_RULES, NATIONAL

ITEMS: tuple[Item, ...] = (
    Item(
        "name",
        _("The name says time, place, industry, content and kind"),
        f"{NATIONAL} 附件1",
    ),
    Item("source", _("The stated source agrees with the evidence"), f"{NATIONAL} 第二十条"),
    Item("rights", _("The rights applied for follow from the source"), f"{NATIONAL} 第十五条"),
    Item("restrictions", _("The restrictions are stated in full"), f"{NATIONAL} 附件1"),
    Item("content", _("Equal or overlapping content is no other holder's"), EXCHANGE_RULES),
)
"""The items of a first registration."""
