"""What a reviewer looks at by hand in an application for admission, as data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.casework import Item

ITEMS: tuple[Item, ...] = (
    Item(
        "identity",
        _("Name and credit code agree with the onboarding document"),
        "数据安全法 第三十三条",
    ),
    Item("authority", _("Who applied may act for the organisation"), "交易所会员规则"),
    Item("kind", _("The kind of member fits what it does"), "交易所会员规则"),
    Item("ties", _("No undeclared tie with staff of the exchange"), "交易所会员规则"),
)
"""The items of an application for admission."""
